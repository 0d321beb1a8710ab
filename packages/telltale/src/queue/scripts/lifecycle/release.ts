import { defineScript } from "../script.js";
import type { Lease } from "./claim.js";
import { leaseArgument, settlingReply } from "./settle.js";

/** An attempt that is given back without running. */
export interface Release extends Lease {
  /** How long the job waits before it can be claimed again. @default 0 */
  readonly delayMs?: number | undefined;
}

/** Gives attempts back without running them. */
export const release = defineScript("release", {
  args: ({ items, rememberMs }: { items: readonly Release[]; rememberMs: number }, clock) => [
    clock,
    rememberMs,
    ...items.flatMap((item) => [leaseArgument(item), item.delayMs ?? ""]),
  ],
  reply: settlingReply("queued", "scheduled", "cancelled"),
});
