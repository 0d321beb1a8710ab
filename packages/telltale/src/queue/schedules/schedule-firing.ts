import { LIMITS, type Logger, TelltaleError } from "../../core/index.js";
import { decode, type Observe } from "../../core/internal.js";
import type { Engine } from "../engine.js";
import { firstLine } from "../redis/redis-error.js";
import type { QueueScripts } from "../scripts/queue-scripts.js";
import type { DueSchedule } from "../scripts/schedules/due-schedules.js";
import type { Passing } from "../scripts/schedules/fire-schedule.js";
import { fromStored, revisionOf } from "./definition.js";
import { lastInstant, nextInstant } from "./instants.js";
import { allSchedules } from "./list-schedules.js";

/** How late a schedule with `catchUp: "none"` may still fire. Workers look about once a second, and a restart takes a few. */
const NONE_TOLERANCE_MS = 10_000;
/** How long a worker skips a schedule that it could not fire. After that, the schedule may have been changed. */
const PASS_OVER_MS = 60_000;
const MAX_CALLS = 10;

/**
 * Fires the due schedules of one queue. Every worker does this, without a leader: `fire-schedule.lua` lets one of them succeed.
 *
 * A schedule moves directly to its next time after now, so the work is the same after a second and after a year. A schedule that
 * cannot be fired here because of its kind, input or time zone stays due for another worker, and is logged once.
 */
export class ScheduleFiring {
  readonly #engine: Engine;
  readonly #scripts: QueueScripts;
  readonly #logger: Logger;
  readonly #observe: Observe | undefined;
  /** The names of schedules that cannot be fired here, and until when they are skipped. */
  readonly #refused = new Map<string, number>();
  /** The revisions for which that was logged. */
  readonly #told = new Set<string>();
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

  /** Fires due schedules. Returns in how many ms the next one is due, or null. Rejects if Redis refuses the calls. */
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

  // Returns when it fires next.
  async #fire(one: DueSchedule, now: number): Promise<number> {
    let passing: Passing;
    try {
      passing = await this.#passing(one, now);
    } catch (error) {
      this.#refuse(one, now, error);
      return Number.POSITIVE_INFINITY;
    }
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
    if (toMs === null) throw new TelltaleError("invalid_input", "The schedule never fires again");
    // Jobs are found by the queue of their kind.
    if (this.#engine.contract(kind).queue !== this.#scripts.queue)
      throw new TelltaleError("unknown_kind", `Kind ${kind} has another queue now. Set the schedule again`);
    const passing = { name, revision: revisionOf(definition), fromMs: instantMs, toMs, fired: null };
    const lastMs = Math.max(instantMs, lastInstant(timing, now) ?? instantMs);
    if (catchUp === "none" && now - lastMs > NONE_TOLERANCE_MS) return passing;
    const job = await this.#engine.prepare({ kind, input: decode(input), owner, priority, tags });
    // The scheduled time, so that the job waits if the clock was set back.
    return { ...passing, fired: { atMs: lastMs, job: { ...job, runAt: new Date(lastMs) } } };
  }

  #refuse({ name, definition }: DueSchedule, now: number, error: unknown): void {
    this.#refused.set(name, now + PASS_OVER_MS);
    const revision = revisionOf(definition);
    if (this.#told.has(revision)) return;
    if (this.#told.size === LIMITS.schedulesPerQueue) this.#told.clear();
    this.#told.add(revision);
    this.#logger.error(
      { queue: this.#scripts.queue, schedule: name, error: firstLine(error) },
      "a schedule cannot be fired by this worker; it stays due",
    );
  }

  // The clock was set back by more than is tolerated. Times that were computed with the wrong clock must not be waited for.
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
    return null; // Refused, and told, when it is due.
  }
}
