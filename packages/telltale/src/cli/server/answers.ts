import { z } from "zod";
import { JOB_STATUSES, type JobPage, type QueueStats, TelltaleError } from "../../core/index.js";

// Only what is shown is looked at; the rest goes on as it came, so that --json tells all a newer server does.
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
    }),
  ),
  cursor: z.string().nullable(),
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
  }),
);

const Reruns = z.array(
  z.union([
    z.object({ id: z.string(), status: z.literal("queued") }),
    z.object({ id: z.string(), error: z.looseObject(Failure.shape) }),
  ]),
);

const QueuePaused = z.object({ queue: z.string(), paused: z.boolean() });

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

/** What became of one of many jobs to run again. */
export type Rerun = z.infer<typeof Reruns>[number];
/** A schedule as the server tells it. */
export type ToldSchedule = z.infer<typeof Schedules>[number];

/** Reads the answer of `list`. */
export function readJobPage(answer: unknown): JobPage {
  return read(Page, answer) as JobPage;
}

/** Reads the answer of `queues.list`. */
export function readQueues(answer: unknown): QueueStats[] {
  return read(Queues, answer);
}

/** Reads the answer of `rerun` for many. */
export function readReruns(answer: unknown): Rerun[] {
  return read(Reruns, answer);
}

/** Reads the answer of `queues.pause` and `queues.resume`. */
export function readQueuePaused(answer: unknown): z.infer<typeof QueuePaused> {
  return read(QueuePaused, answer);
}

/** Reads the answer of `schedules.list`. */
export function readSchedules(answer: unknown): ToldSchedule[] {
  return read(Schedules, answer);
}

/** Reads the answer of `schedules.set`. */
export function readScheduleSet(answer: unknown): z.infer<typeof ScheduleSet> {
  return read(ScheduleSet, answer);
}

/** Reads the answer of `schedules.remove`. */
export function readScheduleRemoved(answer: unknown): z.infer<typeof ScheduleRemoved> {
  return read(ScheduleRemoved, answer);
}

function read<S extends z.ZodType>(schema: S, answer: unknown): z.output<S> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw notOurs();
}

/** The error for an answer that a Telltale server does not give. */
export function notOurs(): TelltaleError {
  return new TelltaleError("invalid_config", "The answer is not from a Telltale server. Check --url and --router.");
}
