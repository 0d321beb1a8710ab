import "../check-versions.js";
import { z } from "zod";
import { LIMITS } from "../contract/limits.js";
import { JOB_ID_PATTERN } from "../job/job-id.js";
import { LOG_LIMITS } from "../job/job-log.js";
import { LIST_ORDERS } from "../job/list-orders.js";
import { HISTORY_STEPS } from "../job/queue-history.js";
import { PRIORITIES } from "../job/submit-options.js";
import { WORKER_NAME_PATTERN } from "../job/worker-info.js";
import { CATCH_UPS } from "./catch-up.js";
import { checkFilter, FILTERS } from "./job-filter.js";
import { durationSchema, Key, Tags } from "./option-schemas.js";
import { isWithinReach } from "./within-reach.js";

/**
 * A job, and the token that grants access to it. Other fields are ignored, so that the reply of a submit can be passed on. The
 * schemas of all other calls are strict, so that a misspelt option is not ignored.
 */
export const JobRef = z.object({
  id: z.string().regex(JOB_ID_PATTERN),
  token: z.string().max(2_048).optional(),
});
/** See the schema. */
export type JobRef = z.infer<typeof JobRef>;

/** The input of a watch: a job, and the position after which to continue. tRPC sets `lastEventId` when it reconnects. */
export const WatchInput = JobRef.extend({ lastEventId: z.string().max(64).optional() });
/** See the schema. */
export type WatchInput = z.infer<typeof WatchInput>;

/** Asks for lines of a job's log after a position. Strict, because a misspelt position would return the first lines. */
export const LogsInput = z.strictObject({
  ...JobRef.shape,
  after: z.string().max(64).optional(),
  /** The most lines to return. @default 100 */
  limit: z.int().min(1).max(LOG_LIMITS.lines).optional(),
});
/** See the schema. */
export type LogsInput = z.infer<typeof LogsInput>;

/** The name of a schedule. */
export const ScheduleRef = z.strictObject({ name: Key });
/** See the schema. */
export type ScheduleRef = z.infer<typeof ScheduleRef>;

const EveryMs = z.int().min(LIMITS.minEveryMs).max(LIMITS.maxEveryMs);

/** A schedule on the wire. The engine validates the input against the contract, and the cron expression and time zone. */
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
  .refine(({ every, everyMs }) => every === undefined || everyMs === undefined, "Set either every or everyMs, not both")
  .transform(({ every, everyMs = every, ...schedule }) => ({ ...schedule, ...(everyMs !== undefined && { everyMs }) }))
  .refine(({ cron, everyMs }) => (cron === undefined) !== (everyMs === undefined), "Set either cron or everyMs")
  .refine(({ cron, timeZone }) => timeZone === undefined || cron !== undefined, "timeZone can only be set with cron");
/** See the schema. */
export type WireSchedule = z.infer<typeof WireSchedule>;
/** A schedule as a caller sends it. The period is `everyMs`, or a duration in `every`. */
export type WireScheduleInput = z.input<typeof WireSchedule>;

/** The filters of a list of jobs, and which page of it to return. */
export const ListInput = z
  .strictObject({
    ...FILTERS,
    /**
     * The earliest and latest time of the jobs, by which the list is also sorted. In a list of one owner's jobs, it is when they
     * were submitted. In a list of all jobs, it is when they took their status or, if they are waiting, when they are due.
     */
    from: z.date().refine(isWithinReach),
    to: z.date().refine(isWithinReach),
    /**
     * The order of a page. `slowest` sorts the matching ones of the next 5,000 jobs by the time since they took their status or, if
     * they have ended, by the time from their submit to their end. @default "newest"
     */
    sort: z.enum(LIST_ORDERS),
    /** The most jobs in a page, 1 to 50. @default 50 */
    limit: z.int().min(1).max(LIMITS.batch),
    /** The cursor of the previous page, with the same filters. */
    cursor: z.string().max(LIMITS.cursorLength),
  })
  .partial()
  .superRefine(checkFilter);
/** See the schema. */
export type ListInput = z.infer<typeof ListInput>;

const Ids = z.array(z.string().regex(JOB_ID_PATTERN)).min(1).max(LIMITS.batch);

/** One or more jobs to rerun. */
export const RerunInput = z.union([
  z.strictObject({ id: z.string().regex(JOB_ID_PATTERN) }),
  z.strictObject({ ids: Ids }),
]);
/** See the schema. */
export type RerunInput = z.infer<typeof RerunInput>;

/** The name of a queue. */
export const QueueRef = z.strictObject({ queue: Key });
/** See the schema. */
export type QueueRef = z.infer<typeof QueueRef>;

const Moment = z.union([z.date().refine(isWithinReach), durationSchema(z.int().min(0))]);

/** What history of a queue to read. A time is a date, or how long ago: a number of ms, or a duration such as `"6h"`. */
export const HistoryInput = QueueRef.extend({
  kind: z.string().max(64).optional(),
  since: Moment.optional(),
  until: Moment.optional(),
  step: z.enum(HISTORY_STEPS).optional(),
});
/** See the schema. */
export type HistoryInput = z.infer<typeof HistoryInput>;

/** The input of a watch of queues. tRPC sets `lastEventId` when it reconnects. */
export const StatsInput = z.strictObject({ lastEventId: z.string().max(64).optional() });
/** See the schema. */
export type StatsInput = z.infer<typeof StatsInput>;

/** The name of workers. */
export const WorkerRef = z.strictObject({ name: z.string().regex(WORKER_NAME_PATTERN) });
/** See the schema. */
export type WorkerRef = z.infer<typeof WorkerRef>;

/** The input of a watch of workers. tRPC sets `lastEventId` when it reconnects. */
export const WorkersInput = z.strictObject({ lastEventId: z.string().max(64).optional() });
/** See the schema. */
export type WorkersInput = z.infer<typeof WorkersInput>;
