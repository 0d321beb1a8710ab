import { listOf, oneOf } from "../checked-reply.js";
import { defineScript } from "../script.js";
import type { Lease } from "./claim.js";
import { leaseArgument, type PendingProgress, progressArgument } from "./settle.js";

/** A report of a running handler. */
export type ProgressReport = Lease & PendingProgress;

const STORED = ["stored", "lease_lost"] as const;
export type Stored = (typeof STORED)[number];

/** Stores the latest reports of running handlers. */
export const progress = defineScript("progress", {
  args: (reports: readonly ProgressReport[], clock) => [
    clock,
    ...reports.flatMap((report) => [leaseArgument(report), progressArgument(report)]),
  ],
  reply: listOf((word) => oneOf(STORED, word)),
});
