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
import type { QueueScripts } from "../scripts/queue-scripts.js";
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

/** The queues to search, and what to return of the jobs in them. */
export interface Listing {
  readonly queues: readonly QueueScripts[];
  /** Whether this process has a contract of this kind. */
  readonly isKnown: (kind: string) => boolean;
  /** Whether the caller, an operator, may see the real messages of failures. */
  readonly detail: boolean;
}

/**
 * Returns one page of jobs, newest first. It reads a bounded number of jobs from each key that may contain some, and merges them,
 * so a call takes about as long with a hundred jobs as with a million.
 */
export async function listJobs(query: ListInput, { queues, isKnown, detail }: Listing): Promise<JobPage> {
  const { owner = null, kind = null, status = null, code = null, tag = null, limit = LIMITS.batch } = query;
  const from = parseCursor(query.cursor, query);
  const span = { from: query.from?.getTime() ?? 0, to: query.to?.getTime() ?? NEVER };
  const asked: Asked = { query, limit, span, wanted: { owner, kind, status, code, tag }, from };
  const streams = await Promise.all(queues.flatMap((scripts) => read(scripts, asked)));
  const { jobs, cursor } = mergePages(streams, { limit, from });
  return {
    jobs: jobs.filter((job) => isKnown(job.kind)).map((job) => toSummary(job, detail)),
    cursor: cursor && formatCursor(cursor, query),
  };
}

/** Reads all keys of one queue that may contain matching jobs. */
function read(scripts: QueueScripts, asked: Asked): Promise<Stream>[] {
  const { owner, status, code } = asked.wanted;
  if (owner !== null) return [readSet(scripts, `owner:${owner}`, asked)];
  const may = (one: JobStatus): boolean => status === null || status === one;
  // Only jobs that failed, were cancelled or wait for a retry have an error.
  const mayBeWell = code === null;
  return [
    ...(may("retrying") || (may("scheduled") && mayBeWell) ? [readSet(scripts, "scheduled", asked)] : []),
    ...(may("queued") && mayBeWell ? readWaiting(scripts, asked) : []),
    ...(may("running") && mayBeWell ? [readRunning(scripts, asked)] : []),
    ...(may("completed") && mayBeWell ? [readSet(scripts, "completed", asked)] : []),
    ...setsOfEnded(ENDED.filter(may), asked.wanted).map((set) => readSet(scripts, set, asked)),
  ];
}

function setsOfEnded(statuses: readonly (typeof ENDED)[number][], { code, tag }: Wanted): string[] {
  if (code !== null) return statuses.map((status) => `${status}:code:${code}`);
  if (tag !== null) return statuses.map((status) => `${status}:tag:${tag}`);
  return statuses.length > 0 ? ["failed"] : [];
}

async function readSet(scripts: QueueScripts, set: string, { limit, span, wanted, from }: Asked): Promise<Stream> {
  return { waiting: null, page: await scripts.listSorted({ set, limit, span, wanted, after: from.sorted }) };
}

async function readRunning(scripts: QueueScripts, { limit, span, wanted, from }: Asked): Promise<Stream> {
  return { waiting: null, page: await scripts.listRunning({ limit, span, wanted, after: from.sorted }) };
}

function readWaiting(scripts: QueueScripts, { limit, span, wanted, from }: Asked): Promise<Stream>[] {
  return PRIORITIES.map(async (priority) => {
    const waiting = { queue: scripts.queue, priority };
    const after = from.waiting.find((entry) => entry.queue === scripts.queue && entry.priority === priority) ?? null;
    return { waiting, page: await scripts.listWaiting({ priority, limit, span, wanted, after }) };
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
