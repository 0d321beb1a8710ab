import type { Bulk, BulkAction, BulkOptions, BulkProgress } from "../../core/index.js";
import { bulkSteps, invalidInput } from "../../core/internal.js";
import { JobFilter } from "../../core/schemas.js";
import type { Engine } from "../engine.js";

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
  yield* bulkSteps((cursor) => engine.bulk.step({ action, filter: parsed.data, dryRun, cursor }), options);
}
