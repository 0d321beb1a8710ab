import type { WorkerList } from "../../core/index.js";
import type { PolledWatch, PolledWatchOptions } from "../watch/polled-watch.js";

/** The workers, with the tracked id after which a watch can resume. */
export interface WorkersUpdate {
  readonly position: string;
  readonly list: WorkerList;
}

/** The name of the only thing that a watch of workers reads. */
const ALL = "all";

/** Yields the workers: the current ones first, then again after changes. Ends when the signal aborts. */
export async function* watchWorkers(
  watch: PolledWatch<WorkerList>,
  options?: PolledWatchOptions,
): AsyncGenerator<WorkersUpdate, void, undefined> {
  for await (const { position, items } of watch.watch([ALL], options))
    for (const list of items) yield { position, list };
}
