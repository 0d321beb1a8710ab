import { filterArg, type Wanted } from "../../record/filter-arg.js";
import { defineScript } from "../script.js";
import { type SortedEntry, SortedReply, type Span } from "./listed.js";

/** Lists jobs of a sorted set. */
export const listSorted = defineScript("list-sorted", {
  args: ({
    set,
    limit,
    span,
    after,
    wanted,
  }: Readonly<{ set: string; limit: number; span: Span; after: SortedEntry | null; wanted: Wanted }>) => [
    set,
    limit,
    span.from,
    span.to,
    after?.time ?? "",
    after?.id ?? "",
    filterArg(wanted),
  ],
  reply: SortedReply,
});
