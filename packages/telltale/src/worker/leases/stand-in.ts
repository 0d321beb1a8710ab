import { RUNNING_SHOWN, type ThreadScripts, toRecord } from "../../queue/internal.js";
import type { HeldLeases } from "./lease-extender.js";
import type { ToldState } from "./lease-protocol.js";

export interface StandInOptions {
  readonly beat: ThreadScripts["beat"];
  readonly held: Pick<HeldLeases, "values">;
  /** The number that the main thread increments while its event loop turns. */
  readonly turns: Int32Array;
  /** How often to look whether it turns, ms. @default 4000 */
  readonly everyMs?: number;
}

/** A worker is gone after 15 s without a beat. The main thread turns many times within this time, and beats every 5 s. */
const EVERY_MS = 4_000;

/**
 * Beats for a worker while a handler blocks the event loop of its main thread. Otherwise just those workers would be missing from lists that
 * an operator looks for. It tells what the worker told last, with the jobs that it runs now.
 */
export class StandIn {
  readonly #options: StandInOptions;
  #told: ToldState | null = null;
  #turns = -1;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: StandInOptions) {
    this.#options = options;
  }

  /** What the worker told with its latest beat. Before the first one, nothing is told for it. */
  told(told: ToldState): void {
    this.#told = told;
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.#look(), this.#options.everyMs ?? EVERY_MS);
  }

  /** Safe to call before `start`, and twice. */
  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  // Never rejects: the next look tries again.
  async #look(): Promise<void> {
    const turns = Atomics.load(this.#options.turns, 0);
    const isBlocked = turns === this.#turns;
    this.#turns = turns;
    if (!isBlocked || !this.#told) return;
    const { entry, startedAt, state } = this.#told;
    const held = [...this.#options.held.values()].sort((a, b) => a.since - b.since);
    const record = toRecord({ ...state, running: held.slice(0, RUNNING_SHOWN), runningCount: held.length });
    await this.#options.beat({ entry, startedAt, record }).catch(() => {});
  }
}
