import { type BulkAction, PRIORITIES, type Priority } from "../../core/index.js";
import { BULK_ACTIONS } from "../../core/internal.js";
import { type JobFilter, statusesOf } from "../../core/schemas.js";
import { endSpan, mayMatch, setsOfEnded, submitSpan } from "../read/list-jobs.js";
import { listRunning } from "../read/list-running.js";
import type { Wanted } from "../record/filter-arg.js";
import type { QueueScripts } from "../scripts/queue-scripts.js";
import type { ListedPage, Span } from "../scripts/reading/listed.js";

/** A key of a queue that may contain matching jobs: a sorted set, a waiting list, or the running jobs. */
export interface Place {
  readonly queue: string;
  /** `set:<name>`, `waiting:<priority>` or `running`. */
  readonly name: string;
}

/** The last entry of a place that was read. */
export interface Spot {
  readonly time: number | null;
  readonly id: string;
  readonly index: number;
}

const ANY_TIME: Span = { from: 0, to: 1e15 };

/**
 * Returns the places that an action goes through, in its order. Jobs move from earlier ones to later ones: they are scheduled, wait, run
 * and end.
 */
export function placesOf(queues: readonly string[], action: BulkAction, filter: JobFilter): Place[] {
  const names = filter.owner === undefined ? namesOf(action, filter) : [`set:owner:${filter.owner}`];
  return [...queues].sort().flatMap((queue) => names.map((name) => ({ queue, name })));
}

function namesOf(action: BulkAction, filter: JobFilter): string[] {
  const can: readonly string[] = BULK_ACTIONS[action];
  const may = (status: (typeof BULK_ACTIONS)[BulkAction][number]): boolean =>
    can.includes(status) && mayMatch(status, filter);
  const ended = (["failed", "cancelled"] as const).filter(may);
  return [
    ...(may("scheduled") || may("retrying") ? PRIORITIES.map((priority) => `set:scheduled:${priority}`) : []),
    ...(may("queued") ? [...PRIORITIES.map((priority) => `waiting:${priority}`), "set:grouped"] : []),
    ...(may("running") ? ["running"] : []),
    ...(may("completed") ? ["set:completed"] : []),
    ...setsOfEnded(ended, filter).map((name) => `set:${name}`),
  ];
}

/** The filter of an action on jobs in the statuses that it can change. */
export function withStatuses(action: BulkAction, filter: JobFilter): JobFilter {
  return { ...filter, status: [...(statusesOf(filter) ?? BULK_ACTIONS[action])] };
}

/** Reads the next matching jobs of a place. */
export async function readPlace(
  scripts: QueueScripts,
  { name }: Place,
  { limit, wanted, after }: Readonly<{ limit: number; wanted: Wanted; after: Spot | null }>,
): Promise<ListedPage> {
  const sorted = after && after.time !== null ? { time: after.time, id: after.id } : null;
  if (name === "running") return listRunning(scripts, { limit, span: ANY_TIME, wanted, after: sorted });
  const priority = priorityOf(name);
  if (priority) return scripts.listWaiting({ priority, limit, span: ANY_TIME, wanted, after });
  const set = name.slice("set:".length);
  return scripts.listSorted({ set, limit, span: spanOf(set, wanted), wanted, after: sorted });
}

function priorityOf(name: string): Priority | undefined {
  return PRIORITIES.find((priority) => name === `waiting:${priority}`);
}

function spanOf(set: string, wanted: Wanted): Span {
  if (set.startsWith("owner:")) return submitSpan(wanted);
  return /^(completed|failed|cancelled)\b/.test(set) ? endSpan(wanted) : ANY_TIME;
}
