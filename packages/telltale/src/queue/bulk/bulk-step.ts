import { type BulkAction, type BulkProgress, LIMITS, TelltaleError } from "../../core/index.js";
import { BULK_ACTIONS } from "../../core/internal.js";
import { type JobFilter, statusesOf } from "../../core/schemas.js";
import { fingerprintOf } from "../read/list-cursor.js";
import type { Wanted } from "../record/filter-arg.js";
import type { QueueScripts } from "../scripts/queue-scripts.js";
import type { ListedJob } from "../scripts/reading/listed.js";
import { type Acting, act } from "./act.js";
import { type BulkState, formatBulkCursor, parseBulkCursor } from "./bulk-cursor.js";
import { type Place, placesOf, readPlace, withStatuses } from "./places.js";

/** The most records that a step reads. */
const MOST_SEEN = 5_000;
/** The most calls of scripts for that. Some calls read no record, such as those that search for a place in a waiting list. */
const MOST_CALLS = 50;
/** How many jobs one call of a script changes. A rerun takes Redis about 0.1 ms for each. */
const PER_CALL = 25;
/** The words of scripts for jobs that were changed. */
const DONE: readonly string[] = ["cancelled", "requested", "queued", "removed"];

/** One step of a bulk action. */
export interface BulkRequest {
  readonly action: BulkAction;
  readonly filter: JobFilter;
  readonly dryRun?: boolean | undefined;
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
  /** Only jobs that ended this long before the action began. */
  readonly olderThanMs?: number | undefined;
}

/** What a step works on. */
export interface BulkScope extends Acting {
  /** The queues that may contain matching jobs, by name. */
  readonly queues: ReadonlyMap<string, QueueScripts>;
  /** Returns those of the jobs that may be changed. Others do not match. */
  readonly permitted: (jobs: readonly ListedJob[]) => Promise<ListedJob[]>;
  /** Called before jobs are changed. If it rejects, so does the step, and has changed nothing. */
  readonly before: (jobs: number) => Promise<void>;
  /** Called with the number of jobs that were changed. */
  readonly after: (jobs: number) => void;
}

/**
 * Takes one step of a bulk action: reads records up to the first page with matching jobs, changes those, and returns where to continue.
 *
 * Jobs that were submitted or ended after the action began do not match, so a job that is rerun is not found again. A step that is repeated
 * with the same cursor changes nothing twice, because the jobs no longer match. A cancel goes through all places again until that changes no
 * job, because jobs that start or are retried meanwhile move to places that it has left.
 */
export async function bulkStep(request: BulkRequest, scope: BulkScope): Promise<BulkProgress> {
  const { action, dryRun = false, limit = LIMITS.bulk } = request;
  assertApplies(request);
  const state = await beginning(request, scope);
  const places = placesOf([...scope.queues.keys()], action, request.filter);
  let index = indexOf(places, state.place);
  let hasActed = false;
  for (let calls = 0, seen = 0; calls < MOST_CALLS && seen < MOST_SEEN && !hasActed; calls++) {
    const place = places[index];
    const scripts = place && scope.queues.get(place.queue);
    if (!place || !scripts) break;
    const wanted = wantedIn(place, request, state);
    const [time, id, at] = state.after ?? [];
    const after = id === undefined ? null : { time: time ?? null, id, index: at ?? 0 };
    const page = await readPlace(scripts, place, { limit, wanted, after });
    const jobs = await scope.permitted(page.jobs);
    seen += page.seen;
    state.seen += page.seen;
    state.matched += jobs.length;
    if (!dryRun && jobs.length > 0) {
      await scope.before(jobs.length);
      const doneBefore = state.done;
      try {
        for (let from = 0; from < jobs.length; from += PER_CALL) {
          const some = jobs.slice(from, from + PER_CALL);
          for (const word of await act(action, some, { ...scope, scripts, wanted })) count(state, word);
        }
      } finally {
        // Also if a later call fails, so that the log of operators' actions is complete.
        scope.after(state.done - doneBefore);
      }
      hasActed = true;
    }
    state.after = page.next && [page.next.time, page.next.id, page.next.index];
    if (!page.next) index += 1;
  }
  const next = places[index];
  state.place = next ? [next.queue, next.name] : "end";
  if (!next && hasAnotherLook(request, state)) {
    Object.assign(state, { look: state.look + 1, lookDone: 0, place: null, after: null });
  }
  return progressOf(state);
}

/** Refuses filters for statuses in which the action changes nothing, and actions on finished jobs that do not say on which. */
function assertApplies({ action, filter }: BulkRequest): void {
  const statuses = statusesOf(filter);
  const can: readonly string[] = BULK_ACTIONS[action];
  const other = statuses?.find((status) => !can.includes(status));
  if (other !== undefined) {
    throw new TelltaleError(
      "invalid_input",
      `${action} does not apply to ${other} jobs. It applies to ${can.join(", ")} jobs`,
    );
  }
  if (statuses === null && (action === "rerun" || action === "remove")) {
    throw new TelltaleError("invalid_input", `Name the statuses of the jobs to ${action}: ${can.join(", ")}`);
  }
}

async function beginning(request: BulkRequest, scope: BulkScope): Promise<BulkState> {
  const { action, filter, dryRun = false, cursor, olderThanMs } = request;
  const of = fingerprintOf(filter, [action, dryRun, olderThanMs ?? null]);
  if (cursor !== undefined) return parseBulkCursor(cursor, of);
  const began = await timeOf(scope);
  return {
    ...{ of, began, look: 0, lookDone: 0, place: null, after: null },
    ...{ seen: 0, matched: 0, done: 0, requested: 0, skipped: {} },
  };
}

/** Redis's time. */
async function timeOf({ queues }: BulkScope): Promise<number> {
  for (const scripts of queues.values()) return (await scripts.stats()).at;
  return 0;
}

function wantedIn({ name }: Place, { action, filter, olderThanMs }: BulkRequest, state: BulkState): Wanted {
  const { began, look } = state;
  const submittedTo = earlier(filter.submittedTo, new Date(began));
  const wanted = { ...withStatuses(action, filter), submittedTo };
  if (action !== "cancel") {
    const endedTo = olderThanMs === undefined ? filter.endedTo : earlier(filter.endedTo, new Date(began - olderThanMs));
    return { ...wanted, endedTo, changedTo: began };
  }
  // Running jobs that were asked to stop before must not be counted again.
  return look > 0 && name === "running" ? { ...wanted, isUnasked: true } : wanted;
}

function earlier(given: Date | undefined, bound: Date): Date {
  return given !== undefined && given < bound ? given : bound;
}

/** Returns the index of a place, or of the first one after it if its queue is gone. */
function indexOf(places: readonly Place[], place: BulkState["place"]): number {
  if (place === null) return 0;
  if (place === "end") return places.length;
  const [queue, name] = place;
  const index = places.findIndex((one) => one.queue > queue || (one.queue === queue && one.name === name));
  return index < 0 ? places.length : index;
}

// An owner's jobs are in one set, in which they do not move.
function hasAnotherLook({ action, dryRun, filter }: BulkRequest, { lookDone }: BulkState): boolean {
  return action === "cancel" && !dryRun && filter.owner === undefined && lookDone > 0;
}

function count(state: BulkState, word: string): void {
  if (!DONE.includes(word)) {
    const reason = word === "not_finished" ? "changed" : word;
    state.skipped[reason] = (state.skipped[reason] ?? 0) + 1;
    return;
  }
  state.done += 1;
  state.lookDone += 1;
  if (word === "requested") state.requested += 1;
}

function progressOf(state: BulkState): BulkProgress {
  const { seen, matched, done, requested, skipped } = state;
  const finished = state.place === "end";
  return { seen, matched, done, requested, skipped, cursor: finished ? null : formatBulkCursor(state), finished };
}
