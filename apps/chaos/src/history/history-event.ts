import { JOB_STATUSES } from "telltale";
import { z } from "zod";

const Status = z.enum(JOB_STATUSES);
const At = { t: z.number() };

/** A submit under a key; `variant` tells apart the inputs that were sent under the same key. */
export const SubmitEvent = z.object({
  ...At,
  type: z.literal("submit"),
  /** `fail`: surely not applied. `unknown`: nobody can say. */
  phase: z.enum(["invoke", "ok", "fail", "unknown"]),
  key: z.string(),
  owner: z.string(),
  n: z.int(),
  variant: z.int(),
  delayMs: z.int(),
  job: z.string().optional(),
  code: z.string().optional(),
});

/** What a handler says of its own execution. */
export const ExecEvent = z.object({
  ...At,
  type: z.literal("exec"),
  phase: z.enum(["start", "finish"]),
  job: z.string(),
  /** The job's number, from its input: it tells whose job it was where Redis knows no more. */
  n: z.int(),
  fence: z.int(),
  attempt: z.int(),
  pid: z.int(),
  /** How it finished: `completed`, `failed`, or `aborted:<cause>`. */
  outcome: z.string().optional(),
});

/** One leg of a watcher: from a subscription to its end. A watcher that flaps has many. */
export const WatchEvent = z.object({
  ...At,
  type: z.literal("watch"),
  /** `live`: connected. `done`: the server said it is over. `left`: the watcher went by itself. `refused`: an error. */
  phase: z.enum(["open", "live", "done", "left", "refused"]),
  leg: z.string(),
  job: z.string(),
  who: z.string(),
  /** The seq it goes on after; 0 without a position, -1 with one of another history. */
  after: z.int(),
  /** Redis time of the transition with that seq, as the watcher was told. */
  afterAt: z.number(),
  /** Reads with pauses: what it gets late is its own doing. */
  isSlow: z.boolean(),
  code: z.string().optional(),
});

/** An event as a watcher got it. */
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

/** A cancel and what it was answered. */
export const CancelEvent = z.object({
  ...At,
  type: z.literal("cancel"),
  phase: z.enum(["invoke", "ok", "unknown"]),
  job: z.string(),
  outcome: z.string().optional(),
});

/** An operator's rerun and what it was answered. */
export const RerunEvent = z.object({
  ...At,
  type: z.literal("rerun"),
  phase: z.enum(["invoke", "ok", "unknown"]),
  job: z.string(),
});

/** A fault, from its start to its stop. */
export const NemesisEvent = z.object({
  ...At,
  type: z.literal("nemesis"),
  phase: z.enum(["start", "stop"]),
  name: z.string(),
  /** While it lasts nothing can reach a watcher, so no end is late. */
  silences: z.boolean(),
  /** What Redis may have forgotten once it is over. */
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

/** A job's transition as Redis keeps it. */
export const Transition = z.object({
  seq: z.int(),
  at: z.number(),
  status: Status,
  round: z.int(),
  attempt: z.int(),
  /** The error's code where it says one. */
  code: z.string().optional(),
});

/** A job as Redis holds it after the drain. */
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
  settled: z.string(),
  code: z.string().optional(),
  /** The fence that stands in the stored output. */
  outputFence: z.int().nullable(),
  feed: z.array(Transition),
  /** The lists and sets the id stands in. */
  places: z.array(z.string()),
});

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
export type CountersEvent = z.infer<typeof CountersEvent>;
export type HistoryEvent = z.infer<typeof HistoryEvent>;
