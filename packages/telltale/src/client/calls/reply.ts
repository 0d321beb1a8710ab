import {
  type AnyJob,
  type CancelOutcome,
  isErrorCode,
  isFinal,
  JOB_STATUSES,
  type JobDetail,
  type JobPage,
  type JobStatus,
  type SubmitOutcome,
  TelltaleError,
} from "../../core/index.js";

/** The reply of `submit`. */
export interface Submitted {
  readonly id: string;
  readonly status: JobStatus | undefined;
  readonly token: string | undefined;
}

/** A frame of `onStatus`: its position (the tracked id), the event, and the fields of the event that this client evaluates. */
export interface StatusFrame {
  readonly position: string;
  readonly seq: number;
  readonly rev: number;
  readonly isReset: boolean;
  readonly isFinal: boolean;
  readonly event: unknown;
}

/** A frame of `onChunk`. */
export interface ChunkFrame {
  readonly position: string;
  readonly round: number;
  readonly n: number;
  readonly chunk: unknown;
}

/** Reads the reply of `submit`. Throws `invalid_config` if a jobs router cannot have sent it. */
export function readSubmitted(reply: unknown): Submitted {
  const { id, status, token } = record(reply);
  if (typeof id !== "string") throw unreadable();
  // The id proves that the job exists, so a reply without the other fields is accepted.
  return { id, status: isStatus(status) ? status : undefined, token: typeof token === "string" ? token : undefined };
}

/** One item of a `submitMany` call with its outcome. */
export interface Answered<I> {
  readonly item: I;
  readonly outcome: SubmitOutcome<Submitted>;
}

/** Reads the reply of `submitMany`: one outcome for each item, in order. */
export function readSubmittedMany<I>(reply: unknown, items: readonly I[]): Answered<I>[] {
  if (!Array.isArray(reply) || reply.length !== items.length) throw unreadable();
  return items.map((item, i) => ({ item, outcome: readOutcome(reply[i]) }));
}

function readOutcome(answer: unknown): SubmitOutcome<Submitted> {
  const { error } = record(answer);
  if (error === undefined) return { ok: true, job: readSubmitted(answer) };
  const { code, message, data } = record(error);
  if (!isErrorCode(code)) throw unreadable();
  return {
    ok: false,
    error: new TelltaleError(code, typeof message === "string" ? message : undefined, { data }),
  };
}

/** Reads the reply of `cancel`. */
export function readCancelled(reply: unknown): CancelOutcome {
  const { outcome } = record(reply);
  if (outcome === "cancelled" || outcome === "requested" || outcome === "already_finished") return outcome;
  throw unreadable();
}

/** Reads the reply of `get`. Payloads are not checked: the worker has parsed them with the contract. */
export function readDetail<J extends AnyJob>(reply: unknown): JobDetail<J> {
  const detail = record(reply);
  if (typeof detail.id !== "string" || !isStatus(detail.status) || !Array.isArray(detail.errors)) throw unreadable();
  return detail as unknown as JobDetail<J>;
}

/** Reads the reply of `list` for one kind. */
export function readPage<K extends string>(reply: unknown): JobPage<K> {
  const { jobs, cursor } = record(reply);
  if (!Array.isArray(jobs) || !(cursor === null || typeof cursor === "string")) throw unreadable();
  for (const job of jobs) if (!isStatus(record(job).status)) throw unreadable();
  return { jobs, cursor };
}

/** Reads a frame of `onStatus`. The payload is not checked: the worker has parsed it with the contract. */
export function readStatusFrame(frame: unknown): StatusFrame {
  const { id: position, data: event } = record(frame);
  const { seq, rev, status, reset } = record(event);
  if (typeof position !== "string" || typeof seq !== "number" || typeof rev !== "number" || !isStatus(status)) {
    throw unreadable();
  }
  return { position, seq, rev, isReset: reset === true, isFinal: isFinal(status), event };
}

/** Reads a frame of `onChunk`. */
export function readChunkFrame(frame: unknown): ChunkFrame {
  const { id: position, data: chunk } = record(frame);
  const { round, n } = record(chunk);
  if (typeof position !== "string" || typeof round !== "number" || typeof n !== "number") throw unreadable();
  return { position, round, n, chunk };
}

function isStatus(word: unknown): word is JobStatus {
  return JOB_STATUSES.some((status) => status === word);
}

/** Returns the fields of an object. Throws `invalid_config` for anything else. */
export function record(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw unreadable();
  return { ...value };
}

/** The error for a reply that a jobs router cannot have sent. */
export function unreadable(): TelltaleError {
  return new TelltaleError(
    "invalid_config",
    "The reply is not from a Telltale jobs router. Check the url and the name of the router",
  );
}
