import type { BulkAction, BulkProgress } from "../../core/index.js";
import { invalidInput } from "../../core/internal.js";
import { JobFilter } from "../../core/schemas.js";
import type { Engine } from "../engine.js";

/** Options of a bulk action. */
export interface BulkOptions {
  /** Whether to only count the matching jobs. @default false */
  readonly dryRun?: boolean | undefined;
  /** The cursor of a progress of the same action with the same filter, to resume it. */
  readonly cursor?: string | undefined;
  /** Ends the iteration after the current step. The cursor of the last progress resumes the action. */
  readonly signal?: AbortSignal | undefined;
}

/** One action on all jobs that match a filter. Yields its progress after each step, of at most 100 jobs. Makes no call before that. */
export type BulkRun = (filter: JobFilter, options?: BulkOptions) => AsyncGenerator<BulkProgress, void, undefined>;

/**
 * Actions on all jobs that match a filter, in bounded steps. Jobs that were submitted after an action began are left alone. Rejects with
 * `invalid_input` for an invalid filter, a status to which the action does not apply, and the cursor of another action.
 */
export interface Bulk {
  /** Cancels waiting jobs, and asks the workers of running ones to stop them. */
  readonly cancel: BulkRun;
  /** Reruns finished jobs. The filter must name their statuses. */
  readonly rerun: BulkRun;
  /** Deletes finished jobs. The filter must name their statuses. */
  readonly remove: BulkRun;
  /** Queues scheduled and retrying jobs before they are due. */
  readonly runNow: BulkRun;
}

/** Returns the bulk actions of an engine. */
export function bulkOf(engine: Engine): Bulk {
  return {
    cancel: (filter, options) => run(engine, { action: "cancel", filter, options }),
    rerun: (filter, options) => run(engine, { action: "rerun", filter, options }),
    remove: (filter, options) => run(engine, { action: "remove", filter, options }),
    runNow: (filter, options) => run(engine, { action: "runNow", filter, options }),
  };
}

async function* run(
  engine: Engine,
  {
    action,
    filter,
    options = {},
  }: Readonly<{ action: BulkAction; filter: JobFilter; options?: BulkOptions | undefined }>,
): AsyncGenerator<BulkProgress, void, undefined> {
  const parsed = JobFilter.safeParse(filter);
  if (!parsed.success) throw invalidInput("The filter is invalid", parsed.error);
  const { dryRun } = options;
  yield* steps((cursor) => engine.bulkStep({ action, filter: parsed.data, dryRun, cursor }), options);
}

/** Takes steps until the last one, or until the signal aborts. */
export async function* steps(
  step: (cursor: string | undefined) => Promise<BulkProgress>,
  { cursor: first, signal }: Pick<BulkOptions, "cursor" | "signal">,
): AsyncGenerator<BulkProgress, void, undefined> {
  let cursor: string | null | undefined = first;
  while (cursor !== null && !signal?.aborted) {
    const progress: BulkProgress = await step(cursor);
    yield progress;
    cursor = progress.cursor;
  }
}
