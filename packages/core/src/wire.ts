import { z } from "zod";
import { PRIORITIES } from "./job-handle.js";
import { JOB_ID_PATTERN, KEY_PATTERN } from "./job-id.js";
import { LIMITS } from "./limits.js";

const Key = z.string().regex(KEY_PATTERN);

/** The options of a submit on the wire. */
export const WireSubmitOptions = z
  .object({
    idempotencyKey: Key,
    uniqueKey: Key,
    delayMs: z.int().min(0).max(LIMITS.delayMs),
    runAt: z.date(),
    startWithinMs: z.int().min(1).max(LIMITS.delayMs),
    priority: z.enum(PRIORITIES),
    tags: z.array(z.string().regex(KEY_PATTERN).max(LIMITS.tagLength)).max(LIMITS.tags),
  })
  .partial()
  .refine((options) => options.delayMs === undefined || options.runAt === undefined, "Either delayMs or runAt")
  .refine((options) => options.runAt === undefined || isWithinReach(options.runAt), "runAt is out of range");
/** See the schema. */
export type WireSubmitOptions = z.infer<typeof WireSubmitOptions>;

/** Which job, and by what right. */
export const JobRef = z.object({
  id: z.string().regex(JOB_ID_PATTERN),
  token: z.string().max(2_048).optional(),
});
/** See the schema. */
export type JobRef = z.infer<typeof JobRef>;

/** Which job, and where a watcher goes on. tRPC fills in `lastEventId` on a reconnect. */
export const WatchInput = JobRef.extend({ lastEventId: z.string().max(64).optional() });
/** See the schema. */
export type WatchInput = z.infer<typeof WatchInput>;

// Year 1970 to 2286: what a score in a sorted set and a position's base-36 epoch can hold.
function isWithinReach(date: Date): boolean {
  return date.getTime() >= 0 && date.getTime() <= 9_999_999_999_999;
}
