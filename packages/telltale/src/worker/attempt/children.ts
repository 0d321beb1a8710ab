import { type AnyJob, type SubmitOptions, TelltaleError } from "../../core/index.js";
import { type Engine, EngineJobHandle, type LeasedJob, prepareChild, requestOf } from "../../queue/internal.js";
import type { AbortOnDemand } from "../abort-on-demand.js";
import { persist } from "./persist.js";

export interface ChildrenOptions {
  readonly engine: Engine;
  readonly job: LeasedJob;
  /** Stops repeating a call that Redis does not answer. */
  readonly giveUp: AbortOnDemand;
}

/** The jobs that one attempt submits. */
export class Children {
  readonly #options: ChildrenOptions;
  #calls = 0;
  #isOver = false;

  constructor(options: ChildrenOptions) {
    this.#options = options;
  }

  /** See `HandlerContext.submit`. Rejects with `lease_lost` once the attempt is over. */
  async submit(target: AnyJob | string, input: unknown, options?: SubmitOptions): Promise<EngineJobHandle<AnyJob>> {
    // Counted before any await, because only the order of the calls is deterministic, not that of their answers.
    this.#calls += 1;
    const n = this.#calls;
    const { engine, job, giveUp } = this.#options;
    if (this.#isOver) throw new TelltaleError("lease_lost", `The attempt of job ${job.id} is over: it submits no more`);
    const kind = typeof target === "string" ? target : target.kind;
    const child = await prepareChild(engine, job, { n, request: requestOf(kind, input, options) });
    const { id } = await persist(() => engine.store(child), giveUp);
    return new EngineJobHandle(engine, { id, kind });
  }

  /** Call this when the attempt ends, so that a handler that is still running cannot submit more jobs. */
  close(): void {
    this.#isOver = true;
  }
}
