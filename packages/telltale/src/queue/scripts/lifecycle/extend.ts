import { listOf, oneOf } from "../checked-reply.js";
import { defineScript } from "../script.js";
import type { Lease } from "./claim.js";
import { leaseArgument } from "./settle.js";

const EXTENDED = ["extended", "cancel_requested", "lease_lost"] as const;
/** The outcome for one lease. `cancel_requested` means that it was extended too. */
export type Extended = (typeof EXTENDED)[number];

/** Keeps leases alive. */
export const extend = defineScript("extend", {
  args: ({ leases, leaseMs }: { leases: readonly Lease[]; leaseMs: number }, clock) => [
    clock,
    leaseMs,
    ...leases.map(leaseArgument),
  ],
  reply: listOf((word) => oneOf(EXTENDED, word)),
});
