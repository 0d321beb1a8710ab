import "../check-versions.js";
import { z } from "zod";
import { JOB_STATUSES } from "../contract/lifecycle.js";
import { LIMITS } from "../contract/limits.js";
import { JOB_ERROR_CODE_PATTERN } from "../job/job-error.js";
import { JOB_ID_PATTERN } from "../job/job-id.js";
import { PRIORITIES } from "../job/submit-options.js";
import { CATCH_UPS } from "./catch-up.js";
import { durationSchema, Key, Tag, Tags } from "./option-schemas.js";
import { isWithinReach } from "./within-reach.js";

/**
 * A job, and the token that permits to use it. Other fields are ignored, so that the answer of a submit can be passed on. All
 * other calls are strict, because a misspelt option would be ignored otherwise.
 */
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
export const ScheduleRef = z.strictObject({ name: Key });
/** See the schema. */
export type ScheduleRef = z.infer<typeof ScheduleRef>;

const EveryMs = z.int().min(LIMITS.minEveryMs).max(LIMITS.maxEveryMs);

/** A schedule on the wire. Its input is judged by the contract of its kind, its expression and zone by the engine. */
export const WireSchedule = ScheduleRef.extend({
  kind: z.string().max(64),
  input: z.unknown(),
  cron: z.string().max(LIMITS.cronLength).optional(),
  timeZone: z.string().max(64).optional(),
  everyMs: EveryMs.optional(),
  every: durationSchema(EveryMs).optional(),
  catchUp: z.enum(CATCH_UPS).optional(),
  owner: z.string().max(256).optional(),
  priority: z.enum(PRIORITIES).optional(),
  tags: Tags.optional(),
})
  .refine(({ every, everyMs }) => every === undefined || everyMs === undefined, "Either every or everyMs")
  .transform(({ every, everyMs = every, ...schedule }) => ({ ...schedule, ...(everyMs !== undefined && { everyMs }) }))
  .refine(({ cron, everyMs }) => (cron === undefined) !== (everyMs === undefined), "Either cron or everyMs")
  .refine(({ cron, timeZone }) => timeZone === undefined || cron !== undefined, "timeZone goes with cron");
/** See the schema. */
export type WireSchedule = z.infer<typeof WireSchedule>;
/** A schedule as a caller writes it: its period as `everyMs`, or as `every` with a duration. */
export type WireScheduleInput = z.input<typeof WireSchedule>;

/** Which jobs to list. Strict: a filter that is misspelt would list what nobody asked for. */
export const ListInput = z
  .strictObject({
    /** Either a kind or a queue; all of them otherwise. */
    kind: z.string().max(64),
    queue: Key,
    /** Of more than 500 running jobs in a queue, 500 are listed; queued ones that a key limits only by their owner. */
    status: z.enum(JOB_STATUSES),
    /** Of the last error of a job that failed, was cancelled or waits for a retry. */
    code: z.string().regex(JOB_ERROR_CODE_PATTERN),
    tag: Tag,
    /**
     * By the time the list is sorted by: of one owner's jobs when they were submitted, of all jobs when they took their
     * status, or are due.
     */
    from: z.date().refine(isWithinReach),
    to: z.date().refine(isWithinReach),
    /** Whose jobs; for operators, who are given all of them otherwise. */
    owner: z.string().min(1).max(LIMITS.ownerLength),
    /** @default 50 */
    limit: z.int().min(1).max(LIMITS.batch),
    /** Of the page before, with the same filters. */
    cursor: z.string().max(LIMITS.cursorLength),
  })
  .partial()
  .refine((input) => input.kind === undefined || input.queue === undefined, "Either kind or queue");
/** See the schema. */
export type ListInput = z.infer<typeof ListInput>;

const Ids = z.array(z.string().regex(JOB_ID_PATTERN)).min(1).max(LIMITS.batch);

/** Which job to run again, or which ones. */
export const RerunInput = z.union([
  z.strictObject({ id: z.string().regex(JOB_ID_PATTERN) }),
  z.strictObject({ ids: Ids }),
]);
/** See the schema. */
export type RerunInput = z.infer<typeof RerunInput>;

/** Which queue. */
export const QueueRef = z.strictObject({ queue: Key });
/** See the schema. */
export type QueueRef = z.infer<typeof QueueRef>;

/** Where a watcher of queues goes on. tRPC fills in `lastEventId` on a reconnect. */
export const StatsInput = z.strictObject({ lastEventId: z.string().max(64).optional() });
/** See the schema. */
export type StatsInput = z.infer<typeof StatsInput>;
