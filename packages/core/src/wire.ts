import { z } from "zod";
import { PRIORITIES } from "./job-handle.js";
import { JOB_ID_PATTERN, KEY_PATTERN } from "./job-id.js";
import { LIMITS } from "./limits.js";

const Key = z.string().regex(KEY_PATTERN);
const Tags = z.array(z.string().regex(KEY_PATTERN).max(LIMITS.tagLength)).max(LIMITS.tags);

/** The options of a submit on the wire. */
export const WireSubmitOptions = z
  .object({
    idempotencyKey: Key,
    uniqueKey: Key,
    delayMs: z.int().min(0).max(LIMITS.delayMs),
    runAt: z.date(),
    startWithinMs: z.int().min(1).max(LIMITS.delayMs),
    priority: z.enum(PRIORITIES),
    tags: Tags,
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

/** Which schedule. */
export const ScheduleRef = z.object({ name: Key });
/** See the schema. */
export type ScheduleRef = z.infer<typeof ScheduleRef>;

/** What becomes of instants that passed while nobody could fire them: nothing, or one job for the last of them. */
export const CATCH_UPS = ["none", "last"] as const;

/** One word of `CATCH_UPS`. */
export type CatchUp = (typeof CATCH_UPS)[number];

/** A schedule on the wire. Its input is judged by the contract of its kind, its expression and zone by the engine. */
export const WireSchedule = ScheduleRef.extend({
  kind: z.string().max(64),
  input: z.unknown(),
  cron: z.string().max(LIMITS.cronLength).optional(),
  timeZone: z.string().max(64).optional(),
  everyMs: z.int().min(LIMITS.minEveryMs).max(LIMITS.maxEveryMs).optional(),
  catchUp: z.enum(CATCH_UPS).optional(),
  owner: z.string().max(256).optional(),
  priority: z.enum(PRIORITIES).optional(),
  tags: Tags.optional(),
})
  .refine(({ cron, everyMs }) => (cron === undefined) !== (everyMs === undefined), "Either cron or everyMs")
  .refine(({ cron, timeZone }) => timeZone === undefined || cron !== undefined, "timeZone goes with cron");
/** See the schema. */
export type WireSchedule = z.infer<typeof WireSchedule>;

// Year 1970 to 2286: what a score in a sorted set and a position's base-36 epoch can hold.
function isWithinReach(date: Date): boolean {
  return date.getTime() >= 0 && date.getTime() <= 9_999_999_999_999;
}
