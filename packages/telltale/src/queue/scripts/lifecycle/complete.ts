import { defineScript } from "../script.js";
import type { Lease } from "./claim.js";
import { type PendingProgress, settlingReply } from "./settle.js";

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
    ...items.flatMap(({ id, fence, output, pending }) => [id, fence, output, pending?.progress ?? "", pending?.n ?? 0]),
  ],
  reply: settlingReply("completed"),
});
