import { LIMITS, TelltaleError } from "../../core/index.js";
import { invalidInput, SUBMIT_OPTIONS } from "../../core/internal.js";
import { WireSchedule, type WireScheduleInput } from "../../core/schemas.js";
import type { Engine } from "../engine.js";
import { encoded } from "../record/encoded.js";
import { hasSameTiming, toStored } from "./definition.js";
import { nextInstant } from "./instants.js";
import { timingOf } from "./timing.js";

/** Implements `Schedules.set`: stores a schedule in the queue of its kind, and removes it from all other queues. */
export async function setSchedule(engine: Engine, request: WireScheduleInput): Promise<{ readonly next: Date }> {
  const parsed = WireSchedule.safeParse(request);
  if (!parsed.success) throw invalidInput("The schedule is invalid", parsed.error);
  const { name, cron: _cron, timeZone: _zone, everyMs: _every, catchUp = "last", ...job } = parsed.data;
  const timing = timingOf(parsed.data);
  const { kind, owner, priority = SUBMIT_OPTIONS.priority.unset, tags = [] } = await engine.prepare(job);
  const input = encoded("input", parsed.data.input, LIMITS.scheduleInputBytes);

  const { queue } = engine.contract(kind);
  const scripts = engine.scripts(queue);
  const { now, total, schedules } = await scripts.readSchedules([name]);
  const nextMs = nextInstant(timing, now);
  if (nextMs === null)
    throw new TelltaleError(
      "invalid_input",
      "The schedule does not fire within the next five years. Check its cron expression",
    );
  if (schedules.length === 0 && total >= LIMITS.schedulesPerQueue) throw tooMany(queue);
  const definition = toStored(name, { kind, input, timing, catchUp, owner, priority, tags });
  const set = async (at: number): Promise<number> => {
    const limit = LIMITS.schedulesPerQueue;
    const [answer, stored] = await scripts.setSchedule({ name, definition, nextMs: at, limit });
    if (answer === "too_many") throw tooMany(queue);
    return stored;
  };
  const formerly = engine.queues.filter((other) => other !== queue).map((other) => engine.scripts(other));
  const found = await Promise.all(formerly.map((other) => other.readSchedules([name])));
  if (found.some((other) => other.schedules.length > 0)) {
    // Its kind has moved. The schedule is stored here before it is removed there, so that it cannot be lost, but for a later time, so
    // that both queues do not fire the same one. A time that is due there becomes due here.
    await set(nextInstant(timing, nextMs) ?? nextMs);
    const removed = await Promise.all(formerly.map((other) => other.removeSchedule(name)));
    const due = removed.flatMap((one) =>
      one?.nextMs != null && hasSameTiming(one.definition, definition) ? one.nextMs : [],
    );
    return { next: new Date(await set(Math.min(nextMs, ...due))) };
  }
  return { next: new Date(await set(nextMs)) };
}

function tooMany(queue: string): TelltaleError {
  return new TelltaleError(
    "too_many",
    `Queue ${queue} already has ${LIMITS.schedulesPerQueue} schedules, which is the limit. Remove one first`,
  );
}
