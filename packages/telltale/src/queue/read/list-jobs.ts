import {
  type FinalStatus,
  isFinal,
  type JobPage,
  type JobStatus,
  type JobSummary,
  LIMITS,
  PRIORITIES,
} from "../../core/index.js";
import { type JobFilter, type ListInput, statusesOf } from "../../core/schemas.js";
import { toJobError } from "../record/stored-error.js";
import type { QueueScripts } from "../scripts/queue-scripts.js";
import type { ListedJob, Span } from "../scripts/reading/listed.js";
import { formatCursor, type ListCursor, parseCursor } from "./list-cursor.js";
import { listRunning } from "./list-running.js";
import { mergePages, type Stream } from "./merge-pages.js";

const ENDED = ["failed", "cancelled"] as const satisfies readonly FinalStatus[];
/** Later than any time in a sorted set, ms. */
const NEVER = 1e15;

interface Search {
  readonly limit: number;
  /** The range of the time by which the list is sorted. */
  readonly span: Span;
  readonly wanted: JobFilter;
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
  const { limit = LIMITS.batch, cursor: given, sort: _, from: earliest, to: latest, ...wanted } = query;
  const from = parseCursor(given, query);
  const span = { from: earliest?.getTime() ?? 0, to: latest?.getTime() ?? NEVER };
  const search: Search = { limit, span, wanted, from };
  const streams = await Promise.all(queues.flatMap((scripts) => read(scripts, search)));
  const { jobs, cursor } = mergePages(streams, { limit, from });
  return {
    jobs: jobs.filter((job) => isKnown(job.kind)).map((job) => toSummary(job, detail)),
    seen: streams.reduce((sum, { page }) => sum + page.seen, 0),
    cursor: cursor && formatCursor(cursor, query),
  };
}

/** Reads all keys of one queue that may contain matching jobs. */
function read(scripts: QueueScripts, search: Search): Promise<Stream>[] {
  const { wanted } = search;
  const { owner } = wanted;
  if (owner !== undefined) return [readSet(scripts, `owner:${owner}`, within(search, submitSpan(wanted)))];
  const may = (status: JobStatus): boolean => mayMatch(status, wanted);
  const ended = within(search, endSpan(wanted));
  return [
    ...(may("retrying") || may("scheduled") ? readScheduled(scripts, search) : []),
    ...(may("queued") ? [...readWaiting(scripts, search), readSet(scripts, "grouped", search)] : []),
    ...(may("running") ? [readRunning(scripts, search)] : []),
    ...(may("completed") ? [readSet(scripts, "completed", ended)] : []),
    ...setsOfEnded(ENDED.filter(may), wanted).map((set) => readSet(scripts, set, ended)),
  ];
}

/** Whether jobs in a status may match. Otherwise the keys with such jobs are not read. */
export function mayMatch(status: JobStatus, wanted: JobFilter): boolean {
  const statuses = statusesOf(wanted);
  if (statuses && !statuses.includes(status)) return false;
  // Only failed, cancelled and retrying jobs have an error.
  const hasError = status === "failed" || status === "cancelled" || status === "retrying";
  if ((wanted.code !== undefined || wanted.errorText !== undefined) && !hasError) return false;
  return (wanted.endedFrom === undefined && wanted.endedTo === undefined) || isFinal(status);
}

/** Returns the names of the sets with all failed and cancelled jobs that may match. */
export function setsOfEnded(statuses: readonly (typeof ENDED)[number][], { code, tag }: JobFilter): string[] {
  if (code !== undefined) return statuses.map((status) => `${status}:code:${code}`);
  if (tag !== undefined) return statuses.map((status) => `${status}:tag:${tag}`);
  return statuses.length > 0 ? ["failed"] : [];
}

/** The times of submits that a filter allows. */
export function submitSpan({ submittedFrom, submittedTo }: JobFilter): Span {
  return { from: submittedFrom?.getTime() ?? 0, to: submittedTo?.getTime() ?? NEVER };
}

/** The times of ends that a filter allows. No job ends before its submit. */
export function endSpan({ endedFrom, endedTo, submittedFrom }: JobFilter): Span {
  return {
    from: Math.max(endedFrom?.getTime() ?? 0, submittedFrom?.getTime() ?? 0),
    to: endedTo?.getTime() ?? NEVER,
  };
}

function within(search: Search, span: Span): Search {
  return { ...search, span: { from: Math.max(search.span.from, span.from), to: Math.min(search.span.to, span.to) } };
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
