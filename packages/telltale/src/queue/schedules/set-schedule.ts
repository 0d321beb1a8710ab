import { LIMITS, TelltaleError } from "../../core/index.js";
import { invalidInput, SUBMIT_OPTIONS } from "../../core/internal.js";
import { WireSchedule, type WireScheduleInput } from "../../core/schemas.js";
import type { Engine } from "../engine.js";
import { encoded } from "../record/encoded.js";
import { toStored } from "./definition.js";
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
  // Removed from the other queues first, because two queues would both fire the same time. So for a moment it is in no queue.
  await Promise.all(
    engine.queues.filter((other) => other !== queue).map((other) => engine.scripts(other).removeSchedule(name)),
  );
  const definition = toStored(name, { kind, input, timing, catchUp, owner, priority, tags });
  const [answer, storedNextMs] = await scripts.setSchedule({
    name,
    definition,
    nextMs,
    limit: LIMITS.schedulesPerQueue,
  });
  if (answer === "too_many") throw tooMany(queue);
  return { next: new Date(storedNextMs) };
}

function tooMany(queue: string): TelltaleError {
  return new TelltaleError(
    "too_many",
    `Queue ${queue} already has ${LIMITS.schedulesPerQueue} schedules, which is the limit. Remove one first`,
  );
}
