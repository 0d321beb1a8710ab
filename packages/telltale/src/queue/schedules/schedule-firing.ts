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

/** How late `catchUp: "none"` still fires: a worker looks every second or so, and a restart takes a few. */
const NONE_TOLERANCE_MS = 10_000;
/** How long a worker passes over what it could not fire: then it may have been set anew. */
const PASS_OVER_MS = 60_000;
const MAX_CALLS = 10;

/**
 * Fires what is due in one queue. Every worker does, without a leader: `fire-schedule.lua` lets one of them through.
 *
 * A schedule moves straight to its next instant after now, so that the work is the same after a second and after a year.
 * One that cannot be fired here, for its kind, its input or its zone, stays due for a worker that can, and is told once.
 */
export class ScheduleFiring {
  readonly #engine: Engine;
  readonly #scripts: QueueScripts;
  readonly #logger: Logger;
  readonly #observe: Observe | undefined;
  /** Names that cannot be fired here, and until when they are passed over. */
  readonly #refused = new Map<string, number>();
  /** Revisions of which that was said. */
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

  /** Fires what is due; answers how many ms later something else will be, or null. Rejects when Redis does not take it. */
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

  // Answers when it fires next.
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
    if (toMs === null) throw new TelltaleError("invalid_input", "This timing never comes again");
    // Jobs are looked for in their kind's queue.
    if (this.#engine.contract(kind).queue !== this.#scripts.queue)
      throw new TelltaleError("unknown_kind", `Kind ${kind} has another queue now: the schedule is to be set again`);
    const passing = { name, revision: revisionOf(definition), fromMs: instantMs, toMs, fired: null };
    const lastMs = Math.max(instantMs, lastInstant(timing, now) ?? instantMs);
    if (catchUp === "none" && now - lastMs > NONE_TOLERANCE_MS) return passing;
    const job = await this.#engine.prepare({ kind, input: decode(input), owner, priority, tags });
    // Its own time, so that it waits where the clock was set back meanwhile.
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

  // The clock was set back by more than it stands still for: what was reckoned by the wrong time would be waited for.
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
