import type { Priority } from "../../../core/index.js";
import { filterArg, type Wanted } from "../../record/filter-arg.js";
import { defineScript } from "../script.js";
import { IndexedReply, type Span } from "./listed.js";

/** The position of an entry in a waiting list, and when it was queued, if that is known. */
export interface WaitingEntry {
  readonly index: number;
  readonly id: string;
  readonly time: number | null;
}

/** Lists queued jobs of one priority. */
export const listWaiting = defineScript("list-waiting", {
  args: ({
    priority,
    limit,
    span,
    after,
    wanted,
  }: Readonly<{ priority: Priority; limit: number; span: Span; after: WaitingEntry | null; wanted: Wanted }>) => [
    priority,
    limit,
    span.from,
    span.to,
    after?.index ?? 0,
    after?.id ?? "",
    after?.time ?? "",
    filterArg(wanted),
  ],
  reply: IndexedReply,
});
