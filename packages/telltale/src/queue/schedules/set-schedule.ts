import { LIMITS, TelltaleError } from "../../core/index.js";
import { invalidInput, SUBMIT_OPTIONS } from "../../core/internal.js";
import { WireSchedule, type WireScheduleInput } from "../../core/schemas.js";
import type { Engine } from "../engine.js";
import { encoded } from "../record/encoded.js";
import { hasSameTiming, toStored } from "./definition.js";
import { nextInstant } from "./instants.js";
import { findElsewhere, movesOf, removeMoved, stillNeeded } from "./moved-schedule.js";
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
  const elsewhere = await findElsewhere(engine, name, queue);
  const unmoved = { kind, input, timing, catchUp, owner, priority, tags };
  const movedFrom = movesOf([...elsewhere, ...stillNeeded(schedules[0], { timing, now })]);
  const definition = toStored(name, movedFrom.length > 0 ? { ...unmoved, movedFrom } : unmoved);
  const due = elsewhere.flatMap((one) => (hasSameTiming(one.definition, definition) ? one.nextMs : []));
  // Stored here with its due time before it is removed there, so that a process that stops in between loses neither the schedule nor the
  // time. Until then both queues have it: see `endMoves` for why only one of them fires it.
  const limit = LIMITS.schedulesPerQueue;
  const [answer, stored] = await scripts.setSchedule({ name, definition, nextMs: Math.min(nextMs, ...due), limit });
  if (answer === "too_many") throw tooMany(queue);
  await removeMoved(engine, name, elsewhere);
  return { next: new Date(stored) };
}

function tooMany(queue: string): TelltaleError {
  return new TelltaleError(
    "too_many",
    `Queue ${queue} already has ${LIMITS.schedulesPerQueue} schedules, which is the limit. Remove one first`,
  );
}
