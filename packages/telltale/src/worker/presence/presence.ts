import type { Logger } from "../../core/index.js";
import { firstLine } from "../../queue/index.js";
import { entryOf, type Listening, toRecord, type WorkerRegistry, type WorkerState } from "../../queue/internal.js";
import type { ToldState } from "../leases/lease-protocol.js";
import { jittered } from "../waiting.js";

export interface PresenceOptions {
  readonly name: string;
  readonly id: string;
  readonly registry: Pick<WorkerRegistry, "beat" | "leave" | "onDrain">;
  /** Returns what the worker does now. */
  readonly state: () => WorkerState;
  /** Called with what each beat told that Redis answered. */
  readonly onTold: (told: ToldState) => void;
  /** Called when the worker is asked to stop claiming, maybe more than once. */
  readonly onDrain: () => void;
  /** Logs failures, which may be many. */
  readonly sparing: Logger;
  /** Whether there is a connection to Redis. A lost one is logged elsewhere. */
  readonly isConnected: () => boolean;
}

/** Three missed beats are 15 s, so the pause between two is never longer than a third of that. */
const BEAT_MS = 5_000;
const LEAST_SHARE = 0.9;
/** The average pause before the next try after a beat that failed. */
const RETRY_MS = 1_000;
/** How long to wait for further changes before a beat that tells of one. */
const SOON_MS = 50;

/**
 * Keeps a worker in the registry: it beats every five seconds and soon after changes, and leaves when it stops. No failure gets to the
 * worker: what was not told is told by the next beat.
 */
export class Presence {
  readonly #options: PresenceOptions;
  readonly #entry: string;
  #listening: Listening | null = null;
  #startedAt: number | null = null;
  #lastBeatAt: number | null = null;
  #timer: NodeJS.Timeout | null = null;
  #beating: Promise<void> | null = null;
  /** Whether something changed while a beat was on its way. */
  #hasChanged = false;
  #phase: "new" | "there" | "left" = "new";

  constructor(options: PresenceOptions) {
    this.#options = options;
    this.#entry = entryOf(options);
  }

  /** When Redis last answered a beat, in ms since 1970, or null. */
  get lastBeatAt(): number | null {
    return this.#lastBeatAt;
  }

  /** Begins to beat. */
  start(): void {
    if (this.#phase !== "new") return;
    this.#phase = "there";
    const { registry, id, onDrain } = this.#options;
    this.#listening = registry.onDrain(id, onDrain);
    this.#beat();
  }

  /** Tells of a change soon. Does nothing before `start` and after `leave`. */
  changed(): void {
    if (this.#beating) this.#hasChanged = true;
    else this.#next(SOON_MS);
  }

  /** Stops beating and removes the worker from the registry. Safe to call before `start`, and twice. Never rejects. */
  async leave(): Promise<void> {
    const wasThere = this.#phase === "there";
    this.#phase = "left";
    if (this.#timer) clearTimeout(this.#timer);
    this.#listening?.close();
    if (!wasThere) return;
    // A beat that arrived later would bring the worker back.
    await this.#beating;
    await this.#options.registry.leave(this.#entry).catch(() => {
      // Without further beats it is gone after 15 s.
    });
  }

  #next(ms: number): void {
    if (this.#phase !== "there") return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#beat(), ms);
    this.#timer.unref();
  }

  #beat(): void {
    this.#beating = this.#tell().then((ms) => {
      this.#beating = null;
      this.#next(this.#hasChanged ? SOON_MS : ms);
      this.#hasChanged = false;
    });
  }

  // Returns the time until the next beat. Never rejects.
  async #tell(): Promise<number> {
    const { registry, onDrain, onTold, sparing, isConnected } = this.#options;
    try {
      const entry = this.#entry;
      const state = this.#options.state();
      const { now, isDrained } = await registry.beat({ entry, record: toRecord(state), startedAt: this.#startedAt });
      this.#startedAt ??= now;
      this.#lastBeatAt = Date.now();
      onTold({ entry, startedAt: this.#startedAt, state });
      if (isDrained) onDrain();
      return BEAT_MS * (LEAST_SHARE + Math.random() * (1 - LEAST_SHARE));
    } catch (error) {
      if (isConnected()) sparing.warn({ error: firstLine(error) }, "the worker could not be registered; trying again");
      return jittered(RETRY_MS);
    }
  }
}
