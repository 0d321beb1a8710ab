import { z } from "zod";
import { defineScript } from "../script.js";
import type { Lease } from "./claim.js";

const Extended = z.enum(["extended", "cancel_requested", "lease_lost"]);
/** What became of one lease: `cancel_requested` is extended too. */
export type Extended = z.infer<typeof Extended>;

/** Keeps leases alive. */
export const extend = defineScript("extend", {
  args: ({ leases, leaseMs }: { leases: readonly Lease[]; leaseMs: number }, clock) => [
    clock,
    leaseMs,
    ...leases.flatMap(({ id, fence }) => [id, fence]),
  ],
  reply: z.array(Extended),
});
