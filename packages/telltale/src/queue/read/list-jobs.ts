import {
  type FinalStatus,
  type JobPage,
  type JobStatus,
  type JobSummary,
  LIMITS,
  PRIORITIES,
} from "../../core/index.js";
import type { ListInput } from "../../core/schemas.js";
import { toJobError } from "../record/stored-error.js";
import type { Lane } from "../scripts/lane.js";
import type { ListedJob, Span, Wanted } from "../scripts/reading/listed.js";
import { formatCursor, type ListCursor, parseCursor } from "./list-cursor.js";
import { mergePages, type Stream } from "./merge-pages.js";

const ENDED = ["failed", "cancelled"] as const satisfies readonly FinalStatus[];
/** Later than any score. */
const NEVER = 1e15;

interface Asked {
  readonly query: ListInput;
  readonly limit: number;
  readonly span: Span;
  readonly wanted: Wanted;
  readonly from: ListCursor;
}

/** Which queues to look in, and what to tell of what is found there. */
export interface Listing {
  readonly lanes: readonly Lane[];
  /** Whether this process has a contract for it. */
  readonly isKnown: (kind: string) => boolean;
  /** Whether the real message of a failure may be seen (operators). */
  readonly detail: boolean;
}

/**
 * One page of jobs, newest first. Each place that may hold some is read up to a bound and their pages are merged, so a
 * call takes about as long whether there are a hundred jobs or a million.
 */
export async function listJobs(query: ListInput, { lanes, isKnown, detail }: Listing): Promise<JobPage> {
  const { owner = null, kind = null, status = null, code = null, tag = null, limit = LIMITS.batch } = query;
  const from = parseCursor(query.cursor, query);
  const span = { from: query.from?.getTime() ?? 0, to: query.to?.getTime() ?? NEVER };
  const asked: Asked = { query, limit, span, wanted: { owner, kind, status, code, tag }, from };
  const streams = await Promise.all(lanes.flatMap((lane) => read(lane, asked)));
  const { jobs, cursor } = mergePages(streams, { limit, from });
  return {
    jobs: jobs.filter((job) => isKnown(job.kind)).map((job) => toSummary(job, detail)),
    cursor: cursor && formatCursor(cursor, query),
  };
}

/** The pages of all places in one queue where jobs that fit may stand. */
function read(lane: Lane, asked: Asked): Promise<Stream>[] {
  const { owner, status, code } = asked.wanted;
  if (owner !== null) return [readSet(lane, `owner:${owner}`, asked)];
  const may = (one: JobStatus): boolean => status === null || status === one;
  // A job has an error only where it failed, was cancelled or waits for a retry.
  const mayBeWell = code === null;
  return [
    ...(may("retrying") || (may("scheduled") && mayBeWell) ? [readSet(lane, "scheduled", asked)] : []),
    ...(may("queued") && mayBeWell ? readWaiting(lane, asked) : []),
    ...(may("running") && mayBeWell ? [readRunning(lane, asked)] : []),
    ...(may("completed") && mayBeWell ? [readSet(lane, "completed", asked)] : []),
    ...setsOfEnded(ENDED.filter(may), asked.wanted).map((set) => readSet(lane, set, asked)),
  ];
}

function setsOfEnded(statuses: readonly (typeof ENDED)[number][], { code, tag }: Wanted): string[] {
  if (code !== null) return statuses.map((status) => `${status}:code:${code}`);
  if (tag !== null) return statuses.map((status) => `${status}:tag:${tag}`);
  return statuses.length > 0 ? ["failed"] : [];
}

async function readSet(lane: Lane, set: string, { limit, span, wanted, from }: Asked): Promise<Stream> {
  return { waiting: null, page: await lane.listSorted({ set, limit, span, wanted, after: from.place }) };
}

async function readRunning(lane: Lane, { limit, span, wanted, from }: Asked): Promise<Stream> {
  return { waiting: null, page: await lane.listRunning({ limit, span, wanted, after: from.place }) };
}

function readWaiting(lane: Lane, { limit, span, wanted, from }: Asked): Promise<Stream>[] {
  return PRIORITIES.map(async (priority) => {
    const waiting = { queue: lane.queue, priority };
    const after = from.waiting.find((place) => place.queue === lane.queue && place.priority === priority) ?? null;
    return { waiting, page: await lane.listWaiting({ priority, limit, span, wanted, after }) };
  });
}

function toSummary(job: ListedJob, detail: boolean): JobSummary {
  const { id, kind, status, at, createdAt, round, attempt, owner, tags, dueAt, error } = job;
  const { code, message } = error === null ? {} : toJobError(error, detail);
  return {
    ...{ id, kind, status, at, createdAt, round, attempt, tags },
    ...(owner === null ? {} : { owner }),
    ...(dueAt === null ? {} : { runAt: dueAt }),
    ...(code === undefined || message === undefined ? {} : { error: { code, message } }),
  };
}
