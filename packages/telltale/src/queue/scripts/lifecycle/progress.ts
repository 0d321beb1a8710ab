import { z } from "zod";
import { defineScript } from "../script.js";
import type { Lease } from "./claim.js";
import { type PendingProgress, progressArgument } from "./settle.js";

/** Stores the latest report of a running handler. */
export const progress = defineScript("progress", {
  args: (report: Lease & PendingProgress, clock) => [clock, report.id, report.fence, progressArgument(report)],
  reply: z.tuple([z.enum(["stored", "lease_lost"])]).transform(([word]) => word),
});
