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
import { listRunning } from "./list-running.js";
import { mergePages, type Stream } from "./merge-pages.js";

const ENDED = ["failed", "cancelled"] as const satisfies readonly FinalStatus[];
/** Later than any time in a sorted set, ms. */
const NEVER = 1e15;

interface Search {
  readonly query: ListInput;
  readonly limit: number;
  readonly span: Span;
  readonly wanted: Wanted;
  readonly from: ListCursor;
}

/** The queues to search, and which of the jobs and messages to return. */
export interface Listing {
  readonly queues: readonly QueueScripts[];
  /** Whether this process has a contract of this kind. */
  readonly isKnown: (kind: string) => boolean;
  /** Whether the caller is an operator, who may see the real messages of failures. */
  readonly detail: boolean;
}

/**
 * Returns one page of jobs, newest first. It reads a bounded number of jobs from each key that may contain matching ones, and merges
 * the results. So a call takes about as long with a million jobs as with a hundred.
 */
export async function listJobs(query: ListInput, { queues, isKnown, detail }: Listing): Promise<JobPage> {
  const { owner = null, kind = null, status = null, code = null, tag = null, limit = LIMITS.batch } = query;
  const from = parseCursor(query.cursor, query);
  const span = { from: query.from?.getTime() ?? 0, to: query.to?.getTime() ?? NEVER };
  const search: Search = { query, limit, span, wanted: { owner, kind, status, code, tag }, from };
  const streams = await Promise.all(queues.flatMap((scripts) => read(scripts, search)));
  const { jobs, cursor } = mergePages(streams, { limit, from });
  return {
    jobs: jobs.filter((job) => isKnown(job.kind)).map((job) => toSummary(job, detail)),
    cursor: cursor && formatCursor(cursor, query),
  };
}

/** Reads all keys of one queue that may contain matching jobs. */
function read(scripts: QueueScripts, search: Search): Promise<Stream>[] {
  const { owner, status, code } = search.wanted;
  if (owner !== null) return [readSet(scripts, `owner:${owner}`, search)];
  const may = (one: JobStatus): boolean => status === null || status === one;
  // Only failed, cancelled and retrying jobs have an error, so a filter by its code excludes all other statuses.
  const isAnyCode = code === null;
  return [
    ...(may("retrying") || (may("scheduled") && isAnyCode) ? readScheduled(scripts, search) : []),
    ...(may("queued") && isAnyCode ? [...readWaiting(scripts, search), readSet(scripts, "grouped", search)] : []),
    ...(may("running") && isAnyCode ? [readRunning(scripts, search)] : []),
    ...(may("completed") && isAnyCode ? [readSet(scripts, "completed", search)] : []),
    ...setsOfEnded(ENDED.filter(may), search.wanted).map((set) => readSet(scripts, set, search)),
  ];
}

function setsOfEnded(statuses: readonly (typeof ENDED)[number][], { code, tag }: Wanted): string[] {
  if (code !== null) return statuses.map((status) => `${status}:code:${code}`);
  if (tag !== null) return statuses.map((status) => `${status}:tag:${tag}`);
  return statuses.length > 0 ? ["failed"] : [];
}

async function readSet(scripts: QueueScripts, set: string, { limit, span, wanted, from }: Search): Promise<Stream> {
  return { waiting: null, page: await scripts.listSorted({ set, limit, span, wanted, after: from.sorted }) };
}

function readScheduled(scripts: QueueScripts, search: Search): Promise<Stream>[] {
  return PRIORITIES.map((priority) => readSet(scripts, `scheduled:${priority}`, search));
}

async function readRunning(scripts: QueueScripts, { limit, span, wanted, from }: Search): Promise<Stream> {
  return { waiting: null, page: await listRunning(scripts, { limit, span, wanted, after: from.sorted }) };
}

function readWaiting(scripts: QueueScripts, { limit, span, wanted, from }: Search): Promise<Stream>[] {
  return PRIORITIES.map(async (priority) => {
    const waiting = { queue: scripts.queue, priority };
    const after = from.waiting.find((entry) => entry.queue === scripts.queue && entry.priority === priority) ?? null;
    return { waiting, page: await scripts.listWaiting({ priority, limit, span, wanted, after }) };
  });
}

function toSummary(job: ListedJob, detail: boolean): JobSummary {
  const { id, kind, status, at, createdAt, round, attempt, owner, tags, dueAt, error } = job;
  const { code, message } = error === null ? {} : toJobError(error, { isOperator: detail, hidden: [] });
  return {
    ...{ id, kind, status, at, createdAt, round, attempt, tags },
    ...(owner === null ? {} : { owner }),
    ...(dueAt === null ? {} : { runAt: dueAt }),
    ...(code === undefined || message === undefined ? {} : { error: { code, message } }),
  };
}
