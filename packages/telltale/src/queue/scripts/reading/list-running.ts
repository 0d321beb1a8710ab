import { filterArg, type Wanted } from "../../record/filter-arg.js";
import { defineScript } from "../script.js";
import { RunningReply, type SortedEntry, type Span } from "./listed.js";

/** Lists running jobs, from several calls: each reads some leases and returns the newest of their jobs. */
export const listRunning = defineScript("list-running", {
  args: ({
    limit,
    span,
    after,
    afterExpiry,
    wanted,
  }: Readonly<{
    limit: number;
    span: Span;
    after: SortedEntry | null;
    /** The `nextExpiry` of the call before, or null in the first one. */
    afterExpiry: number | null;
    wanted: Wanted;
  }>) => [limit, span.from, span.to, after?.time ?? "", after?.id ?? "", afterExpiry ?? "", filterArg(wanted)],
  reply: RunningReply,
});
