import { defineScript } from "../script.js";
import type { Lease } from "./claim.js";
import { leaseArgument, type PendingProgress, progressArgument, settlingReply } from "./settle.js";

/** A completed attempt. */
export interface Completion extends Lease {
  /** Encoded. */
  readonly output: string;
  readonly pending: PendingProgress | null;
}

/** Settles attempts that returned. */
export const complete = defineScript("complete", {
  args: ({ items, rememberMs }: { items: readonly Completion[]; rememberMs: number }, clock) => [
    clock,
    rememberMs,
    ...items.flatMap((item) => [leaseArgument(item), item.output, progressArgument(item.pending)]),
  ],
  reply: settlingReply("completed"),
});
