import { JOB_STATUSES } from "telltale";
import { z } from "zod";

const Status = z.enum(JOB_STATUSES);
const At = { t: z.number() };

/** A submit with an idempotency key. `variant` distinguishes the inputs that were sent with the same key. */
export const SubmitEvent = z.object({
  ...At,
  type: z.literal("submit"),
  /** `fail`: not applied. `unknown`: possibly applied. */
  phase: z.enum(["invoke", "ok", "fail", "unknown"]),
  key: z.string(),
  owner: z.string(),
  n: z.int(),
  variant: z.int(),
  delayMs: z.int(),
  job: z.string().optional(),
  code: z.string().optional(),
});

/** The start or the end of an execution, recorded by its handler. */
export const ExecEvent = z.object({
  ...At,
  type: z.literal("exec"),
  phase: z.enum(["start", "finish"]),
  job: z.string(),
  /** The job's number, from its input. It identifies the submit if Redis has lost the job. */
  n: z.int(),
  fence: z.int(),
  attempt: z.int(),
  pid: z.int(),
  /** How it finished: `completed`, `failed`, or `aborted:<cause>`. */
  outcome: z.string().optional(),
  /** The child job that it submitted, if it completed and has one. */
  child: z.string().optional(),
});

/** One subscription of a watcher, called a leg. A flapping watcher has many. */
export const WatchEvent = z.object({
  ...At,
  type: z.literal("watch"),
  /** `live`: connected. `done`: the server ended it. `left`: the watcher left. `refused`: an error. */
  phase: z.enum(["open", "live", "done", "left", "refused"]),
  leg: z.string(),
  job: z.string(),
  who: z.string(),
  /** The seq after which it resumes: 0 without a position, -1 with a position of another history. */
  after: z.int(),
  /** Redis time of the transition with that seq, as the watcher received it. */
  afterAt: z.number(),
  /** Pauses after every event, so a late end is not a violation. */
  isSlow: z.boolean(),
  code: z.string().optional(),
});

/** An event that a watcher received. */
export const RecvEvent = z.object({
  ...At,
  type: z.literal("recv"),
  leg: z.string(),
  job: z.string(),
  who: z.string(),
  seq: z.int(),
  rev: z.int(),
  status: Status,
  round: z.int(),
  attempt: z.int(),
  /** Redis time of the change. */
  at: z.number(),
  reset: z.boolean(),
});

/** A cancel and its answer. */
export const CancelEvent = z.object({
  ...At,
  type: z.literal("cancel"),
  phase: z.enum(["invoke", "ok", "unknown"]),
  job: z.string(),
  outcome: z.string().optional(),
});

/** An operator's rerun and its answer. */
export const RerunEvent = z.object({
  ...At,
  type: z.literal("rerun"),
  phase: z.enum(["invoke", "ok", "unknown"]),
  job: z.string(),
});

/** The start or the stop of a fault. */
export const NemesisEvent = z.object({
  ...At,
  type: z.literal("nemesis"),
  phase: z.enum(["start", "stop"]),
  name: z.string(),
  /** While it lasts, no event can reach a watcher, so no end counts as late. */
  silences: z.boolean(),
  /** What it may make Redis forget. */
  forgets: z.enum(["nothing", "steps", "jobs"]),
});

/** A process that ended. */
export const ExitEvent = z.object({
  ...At,
  type: z.literal("exit"),
  name: z.string(),
  pid: z.int(),
  isExpected: z.boolean(),
  says: z.string(),
});

/** A transition of a job, as stored in Redis. */
export const Transition = z.object({
  seq: z.int(),
  at: z.number(),
  status: Status,
  round: z.int(),
  attempt: z.int(),
  /** The code of the error, if there is one. */
  code: z.string().optional(),
});

/** A job as stored in Redis after the drain. */
export const RecordEvent = z.object({
  ...At,
  type: z.literal("record"),
  job: z.string(),
  key: z.string(),
  owner: z.string(),
  status: Status,
  seq: z.int(),
  round: z.int(),
  attempt: z.int(),
  attempts: z.int(),
  fence: z.int(),
  at: z.number(),
  runAt: z.number().nullable(),
  /** The key of its concurrency limit. */
  limitKey: z.string().nullable(),
  settled: z.string(),
  code: z.string().optional(),
  /** The fence in the stored output. */
  outputFence: z.int().nullable(),
  feed: z.array(Transition),
  /** The lines of its log. The mark of lines that could not be stored has no fence and part. */
  log: z.array(z.object({ n: z.int(), fence: z.int().optional(), part: z.int().optional() })),
  /** The lists and sets that contain the id. */
  places: z.array(z.string()),
});

/** A time of the schedule, and the job that was created for it. */
export const FiringEvent = z.object({ ...At, type: z.literal("firing"), instant: z.string(), job: z.string() });

/** The queue's own counters after the drain. */
export const CountersEvent = z.object({
  ...At,
  type: z.literal("counters"),
  counts: z.partialRecord(Status, z.int()),
});

/** One line of a history. */
export const HistoryEvent = z.discriminatedUnion("type", [
  SubmitEvent,
  ExecEvent,
  WatchEvent,
  RecvEvent,
  CancelEvent,
  RerunEvent,
  NemesisEvent,
  ExitEvent,
  RecordEvent,
  FiringEvent,
  CountersEvent,
]);

export type SubmitEvent = z.infer<typeof SubmitEvent>;
export type ExecEvent = z.infer<typeof ExecEvent>;
export type WatchEvent = z.infer<typeof WatchEvent>;
export type RecvEvent = z.infer<typeof RecvEvent>;
export type CancelEvent = z.infer<typeof CancelEvent>;
export type RerunEvent = z.infer<typeof RerunEvent>;
export type NemesisEvent = z.infer<typeof NemesisEvent>;
export type ExitEvent = z.infer<typeof ExitEvent>;
export type Transition = z.infer<typeof Transition>;
export type RecordEvent = z.infer<typeof RecordEvent>;
export type FiringEvent = z.infer<typeof FiringEvent>;
export type CountersEvent = z.infer<typeof CountersEvent>;
export type HistoryEvent = z.infer<typeof HistoryEvent>;
