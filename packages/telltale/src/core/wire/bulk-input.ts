import "../check-versions.js";
import { z } from "zod";
import { LIMITS } from "../contract/limits.js";
import { JobFilter } from "./job-filter.js";
import { Key } from "./option-schemas.js";

const Cursor = z.string().max(LIMITS.cursorLength);

/** One step of an action on all jobs that match a filter. */
export const BulkInput = z.strictObject({
  action: z.enum(["cancel", "rerun", "remove", "runNow"]),
  filter: JobFilter,
  /** Whether to only count the matching jobs. @default false */
  dryRun: z.boolean().optional(),
  /** The cursor of the previous step, with the same action and filter. Without it the action begins. */
  cursor: Cursor.optional(),
  /** The most jobs to change in this step, 1 to 100. @default 100 */
  limit: z.int().min(1).max(LIMITS.bulk).optional(),
});
/** See the schema. */
export type BulkInput = z.infer<typeof BulkInput>;

/** One step of cancelling all waiting jobs of a queue. */
export const DrainInput = z.strictObject({ queue: Key, dryRun: z.boolean().optional(), cursor: Cursor.optional() });
/** See the schema. */
export type DrainInput = z.infer<typeof DrainInput>;

/** One step of removing the finished jobs of a queue that ended this long ago. */
export const CleanInput = DrainInput.extend({ olderThanMs: z.int().min(0).max(LIMITS.delayMs) });
/** See the schema. */
export type CleanInput = z.infer<typeof CleanInput>;

/** One step of deleting a queue. `confirm` is its name again. */
export const ObliterateInput = z
  .strictObject({ queue: Key, confirm: z.string().max(128), cursor: Cursor.optional() })
  .refine(({ queue, confirm }) => queue === confirm, { path: ["confirm"], message: "confirm is not the queue's name" });
/** See the schema. */
export type ObliterateInput = z.infer<typeof ObliterateInput>;
