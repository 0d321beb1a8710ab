import { LIMITS, type Logger, TelltaleError } from "../../core/index.js";
import { decode, type Observe, queuesOfKind } from "../../core/internal.js";
import type { Engine } from "../engine.js";
import { firstLine } from "../redis/redis-error.js";
import type { QueueScripts } from "../scripts/queue-scripts.js";
import type { DueSchedule } from "../scripts/schedules/due-schedules.js";
import type { Passing } from "../scripts/schedules/fire-schedule.js";
import { fromStored, revisionOf } from "./definition.js";
import { lastInstant, nextInstant } from "./instants.js";
import { allSchedules } from "./list-schedules.js";
import { endMoves } from "./moved-schedule.js";

/**
 * How late a schedule with `catchUp: "none"` may still fire, ms. Workers check about once a second, and a restart takes a few seconds.
 */
const NONE_TOLERANCE_MS = 10_000;
/** How long a worker skips a schedule that it could not fire, ms. It then tries again, because the schedule may have changed. */
const SKIP_MS = 60_000;
const MAX_CALLS = 10;

/**
 * Fires the due schedules of one queue. Every worker does this and there is no leader: `fire-schedule.lua` lets only one of them
 * succeed for each time.
 *
 * A schedule moves directly to its next time after now, so catching up costs the same after a second and after a year. A schedule
 * that this worker cannot fire because of its kind, input or time zone stays due for other workers, and is logged once.
 */
export class ScheduleFiring {
  readonly #engine: Engine;
  readonly #scripts: QueueScripts;
  readonly #logger: Logger;
  readonly #observe: Observe | undefined;
  /** The names of schedules that this worker could not fire, and until when it skips them. */
  readonly #refused = new Map<string, number>();
  /** The revisions of schedules whose failure was logged. */
  readonly #logged = new Set<string>();
  #seenMs = 0;

  constructor(
    engine: Engine,
    queue: string,
    { logger, observe }: Readonly<{ logger: Logger; observe?: Observe | undefined }>,
  ) {
    this.#engine = engine;
    this.#scripts = engine.scripts(queue);
    this.#logger = logger;
    this.#observe = observe;
  }

  /** Fires due schedules. Returns in how many ms the next one is due, or null if there is none. Rejects if a call to Redis fails. */
  async fireDue(): Promise<number | null> {
    let soonestMs = Number.POSITIVE_INFINITY;
    for (let call = 0; call < MAX_CALLS; call++) {
      const { now, due, more, nextInMs } = await this.#scripts.dueSchedules([...this.#refused.keys()]);
      if (now < this.#seenMs) await this.#realign(now);
      this.#seenMs = now;
      for (const [name, untilMs] of this.#refused) if (untilMs <= now) this.#refused.delete(name);
      soonestMs = Math.min(soonestMs, nextInMs ?? soonestMs);
      for (const one of due) soonestMs = Math.min(soonestMs, (await this.#fire(one, now)) - now);
      if (!more) break;
    }
    return Number.isFinite(soonestMs) ? soonestMs : null;
  }

  // Returns when the schedule fires next.
  async #fire(one: DueSchedule, now: number): Promise<number> {
    let passing: Passing;
    try {
      passing = await this.#passing(one, now);
    } catch (error) {
      this.#refuse(one, now, error);
      return Number.POSITIVE_INFINITY;
    }
    const { name } = one;
    const { movedFrom } = fromStored(one.definition);
    if (passing.fired && movedFrom && (await endMoves(this.#engine, movedFrom, { name, atMs: passing.fired.atMs })))
      passing = { ...passing, fired: null };
    if ((await this.#scripts.fireSchedule(passing)) === "fired" && passing.fired) {
      const { queue } = this.#scripts;
      const { id, kind } = passing.fired.job;
      this.#logger.debug({ queue, schedule: one.name, id }, "schedule fired");
      const lateMs = now - passing.fired.atMs;
      this.#observe?.({ type: "schedule.fired", kind, queue, id, schedule: one.name, lateMs });
    }
    return passing.toMs;
  }

  async #passing({ name, instantMs, definition }: DueSchedule, now: number): Promise<Passing> {
    const { kind, input, timing, catchUp, owner, priority, tags } = fromStored(definition);
    const toMs = nextInstant(timing, now);
    if (toMs === null)
      throw new TelltaleError("invalid_input", "The schedule does not fire within the next five years");
    // A job in a queue that its contract does not name might never run.
    if (!queuesOfKind(this.#engine.contract(kind)).includes(this.#scripts.queue))
      throw new TelltaleError(
        "unknown_kind",
        `Kind ${kind} has moved to another queue. Set the schedule again to move it there`,
      );
    const passing = { name, revision: revisionOf(definition), fromMs: instantMs, toMs, fired: null };
    const lastMs = Math.max(instantMs, lastInstant(timing, now) ?? instantMs);
    if (catchUp === "none" && now - lastMs > NONE_TOLERANCE_MS) return passing;
    const job = await this.#engine.prepare({ kind, input: decode(input), owner, priority, tags });
    // The job starts no earlier than its scheduled time, even if the clock was set back.
    return { ...passing, fired: { atMs: lastMs, job: { ...job, runAt: new Date(lastMs) } } };
  }

  #refuse({ name, definition }: DueSchedule, now: number, error: unknown): void {
    this.#refused.set(name, now + SKIP_MS);
    const revision = revisionOf(definition);
    if (this.#logged.has(revision)) return;
    if (this.#logged.size === LIMITS.schedulesPerQueue) this.#logged.clear();
    this.#logged.add(revision);
    this.#logger.error(
      { queue: this.#scripts.queue, schedule: name, error: firstLine(error) },
      "a schedule cannot be fired by this worker; it stays due",
    );
  }

  // Redis's clock was set back further than the script clock tolerates. Times computed with the wrong clock are computed again, because
  // they may be far in the future.
  async #realign(now: number): Promise<void> {
    this.#refused.clear();
    for (const { name, nextMs, definition } of await allSchedules(this.#scripts)) {
      const toMs = nextOf(definition, now);
      if (toMs === null || toMs >= nextMs) continue;
      await this.#scripts.fireSchedule({ name, revision: revisionOf(definition), fromMs: nextMs, toMs, fired: null });
    }
  }
}

function nextOf(definition: string, now: number): number | null {
  try {
    return nextInstant(fromStored(definition).timing, now);
  } catch {
    // It is logged when it is due.
    return null;
  }
}
