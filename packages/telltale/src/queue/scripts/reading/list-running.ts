import { defineScript } from "../script.js";
import { type SortedEntry, SortedReply, type Span, type Wanted, wantedArgs } from "./listed.js";

/** Lists running jobs. */
export const listRunning = defineScript("list-running", {
  args: ({
    limit,
    span,
    after,
    wanted,
  }: Readonly<{ limit: number; span: Span; after: SortedEntry | null; wanted: Wanted }>) => [
    limit,
    span.from,
    span.to,
    after?.time ?? "",
    after?.id ?? "",
    ...wantedArgs(wanted),
  ],
  reply: SortedReply,
});
