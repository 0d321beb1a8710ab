import type { WorkerList, WorkersDrained } from "../../core/index.js";
import type { Engine } from "../engine.js";
import { watchWorkers } from "../workers/watch-workers.js";

/** The workers of all processes that use the same prefix. */
export interface Workers {
  /** Returns the workers that are there, by name and id. Each describes itself every five seconds, and is gone after three missed times. */
  list(): Promise<WorkerList>;
  /**
   * Yields the workers: the current ones first, then again after changes, at most once a second. Ends when the signal aborts.
   */
  watch(options?: Readonly<{ signal?: AbortSignal | undefined }>): AsyncGenerator<WorkerList, void, undefined>;
  /**
   * Asks all workers of a name to stop claiming jobs, until they are restarted. The jobs that they run now continue, and their processes
   * stay up; see `Worker.drain`. Safe to repeat. Rejects with `not_found` if there is no worker with this name, and with `invalid_input`
   * for what cannot be a name.
   */
  drain(name: string): Promise<WorkersDrained>;
}

/** Returns the workers of an engine. */
export function workersOf(engine: Engine): Workers {
  return {
    list: () => engine.workers.list(),
    async *watch({ signal } = {}) {
      for await (const { list } of watchWorkers(engine.workersWatch, { signal })) yield list;
    },
    drain: (name) => engine.workers.drain(name),
  };
}
