import { z } from "zod";
import {
  type BulkProgress,
  type FailureGroup,
  HISTORY_STEPS,
  JOB_STATUSES,
  type JobLogLine,
  type JobLogPage,
  type JobPage,
  LOG_LEVELS,
  type QueueHistory,
  TelltaleError,
} from "../../core/index.js";

// Only fields that are shown are validated. Other fields are kept, so that --json prints all fields of a newer server.
const Status = z.enum(JOB_STATUSES);
const Failure = z.object({ code: z.string(), message: z.string() });

const Page = z.object({
  jobs: z.array(
    z.looseObject({
      id: z.string(),
      kind: z.string(),
      status: Status,
      at: z.number(),
      createdAt: z.number(),
      round: z.number(),
      attempt: z.number(),
      owner: z.string().optional(),
      tags: z.array(z.string()),
      runAt: z.number().optional(),
      error: Failure.optional(),
      tookMs: z.number().optional(),
    }),
  ),
  seen: z.number().optional(),
  cursor: z.string().nullable(),
});

const LogLine = z.looseObject({
  id: z.string(),
  n: z.number(),
  at: z.number(),
  round: z.number(),
  attempt: z.number(),
  level: z.enum(LOG_LEVELS),
  message: z.string(),
  data: z.unknown().optional(),
  dropped: z.number().optional(),
});

const LogPage = z.object({ lines: z.array(LogLine), position: z.string().nullable(), hasMore: z.boolean() });
const LogEvent = z.object({ id: z.string(), data: LogLine });

const Counts = z.looseObject({
  ...{ submitted: z.number(), started: z.number(), completed: z.number(), failed: z.number(), retried: z.number() },
  ...{ cancelled: z.number(), leaseLost: z.number() },
});
const Queues = z.array(
  z.looseObject({
    queue: z.string(),
    at: z.number(),
    paused: z.boolean(),
    jobs: z.record(Status, z.number()),
    nextDueAt: z.number().nullable(),
    oldestQueuedAt: z.number().nullable(),
    setAside: z.number(),
    hasWorkers: z.boolean(),
    // Missing from servers that do not count.
    totals: Counts.optional(),
  }),
);

const Percentile = z.number().nullable();
const Times = z.looseObject({
  ...{ count: z.number(), p50: Percentile, p90: Percentile, p99: Percentile },
  histogram: z.array(z.tuple([z.number(), z.number()])),
});
const Period = Counts.extend({ waitedMs: Times, ranMs: Times });

const History = z.looseObject({
  queue: z.string(),
  kind: z.string().nullable(),
  step: z.enum(HISTORY_STEPS),
  since: z.number(),
  until: z.number(),
  buckets: z.array(Period.extend({ at: z.number() })),
  period: Period,
  totals: Counts,
});

const Reruns = z.array(
  z.union([
    z.object({ id: z.string(), status: z.literal("queued") }),
    z.object({ id: z.string(), error: z.looseObject(Failure.shape) }),
  ]),
);

const QueuePaused = z.object({ queue: z.string(), paused: z.boolean() });

const Workers = z.object({
  at: z.number(),
  total: z.number(),
  workers: z.array(
    z.looseObject({
      name: z.string(),
      host: z.string(),
      pid: z.number(),
      version: z.string(),
      queues: z.array(z.string()),
      queueCount: z.number(),
      concurrency: z.number(),
      startedAt: z.number(),
      lastSeenAt: z.number(),
      draining: z.boolean(),
      running: z.array(z.looseObject({ id: z.string(), attempt: z.number(), since: z.number() })),
      runningCount: z.number(),
    }),
  ),
});

const WorkersDrained = z.object({ name: z.string(), asked: z.number() });

const Failures = z.array(
  z.looseObject({
    queue: z.string(),
    kind: z.string(),
    code: z.string(),
    count: z.number(),
    firstAt: z.number(),
    lastAt: z.number(),
    isPartial: z.boolean(),
  }),
);

const Progress = z.looseObject({
  seen: z.number(),
  matched: z.number(),
  done: z.number(),
  requested: z.number(),
  skipped: z.record(z.string(), z.number()),
  cursor: z.string().nullable(),
  finished: z.boolean(),
});

const Schedules = z.array(
  z.looseObject({
    name: z.string(),
    kind: z.string(),
    timing: z.union([z.object({ cron: z.string(), timeZone: z.string() }), z.object({ everyMs: z.number() })]),
    catchUp: z.string(),
    next: z.date(),
  }),
);

const ScheduleSet = z.object({ name: z.string(), next: z.date() });
const ScheduleRemoved = z.object({ removed: z.boolean() });

/** The result for one of the jobs to rerun. */
export type Rerun = z.infer<typeof Reruns>[number];
/** The statistics of a queue in the server's response. */
export type ToldQueue = z.infer<typeof Queues>[number];
/** The workers in the server's response. */
export type ToldWorkers = z.infer<typeof Workers>;
/** One of them. */
export type ToldWorker = ToldWorkers["workers"][number];
/** A schedule in the server's response. */
export type ToldSchedule = z.infer<typeof Schedules>[number];

/** Parses the response of `list`. */
export function readJobPage(answer: unknown): JobPage {
  return read(Page, answer) as JobPage;
}

/** Parses the response of `logs`. */
export function readLogPage(answer: unknown): JobLogPage {
  return read(LogPage, answer) as JobLogPage;
}

/** Parses an event of `onLogs`. */
export function readLogEvent(event: unknown): { readonly id: string; readonly data: JobLogLine } {
  const { id, data } = read(LogEvent, event);
  return { id, data: data as JobLogLine };
}

/** Parses the response of `queues.list`. */
export function readQueues(answer: unknown): ToldQueue[] {
  return read(Queues, answer);
}

/** Parses the response of `queues.history`. */
export function readHistory(answer: unknown): QueueHistory {
  return read(History, answer);
}

/** Parses the response of `rerun` for several jobs. */
export function readReruns(answer: unknown): Rerun[] {
  return read(Reruns, answer);
}

/** Parses the response of `queues.pause` and `queues.resume`. */
export function readQueuePaused(answer: unknown): z.infer<typeof QueuePaused> {
  return read(QueuePaused, answer);
}

/** Parses the response of `failures`. */
export function readFailures(answer: unknown): FailureGroup[] {
  return read(Failures, answer);
}

/** Parses the response of a step of a bulk action. */
export function readBulkProgress(answer: unknown): BulkProgress {
  return read(Progress, answer);
}

/** Parses the response of `workers.list`. */
export function readWorkers(answer: unknown): ToldWorkers {
  return read(Workers, answer);
}

/** Parses the response of `workers.drain`. */
export function readWorkersDrained(answer: unknown): z.infer<typeof WorkersDrained> {
  return read(WorkersDrained, answer);
}

/** Parses the response of `schedules.list`. */
export function readSchedules(answer: unknown): ToldSchedule[] {
  return read(Schedules, answer);
}

/** Parses the response of `schedules.set`. */
export function readScheduleSet(answer: unknown): z.infer<typeof ScheduleSet> {
  return read(ScheduleSet, answer);
}

/** Parses the response of `schedules.remove`. */
export function readScheduleRemoved(answer: unknown): z.infer<typeof ScheduleRemoved> {
  return read(ScheduleRemoved, answer);
}

function read<S extends z.ZodType>(schema: S, answer: unknown): z.output<S> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw notOurs();
}

/** The error for a response that does not come from a Telltale server. */
export function notOurs(): TelltaleError {
  return new TelltaleError("invalid_config", "The response is not from a Telltale server. Check --url and --router.");
}
