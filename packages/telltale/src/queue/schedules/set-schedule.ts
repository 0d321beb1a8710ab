import { LIMITS, TelltaleError } from "../../core/index.js";
import { invalidInput, SUBMIT_OPTIONS } from "../../core/internal.js";
import { WireSchedule, type WireScheduleInput } from "../../core/schemas.js";
import type { Engine } from "../engine.js";
import { encoded } from "../record/encoded.js";
import type { QueueScripts } from "../scripts/queue-scripts.js";
import { revisionOf, timingTextOf, toStored } from "./definition.js";
import { nextInstant } from "./instants.js";
import { type Timing, timingOf, timingText } from "./timing.js";

/** Implements `Schedules.set`: stores a schedule in the queue of its kind, and removes it from all other queues. A run that is due stays due. */
export async function setSchedule(engine: Engine, request: WireScheduleInput): Promise<{ readonly next: Date }> {
  const parsed = WireSchedule.safeParse(request);
  if (!parsed.success) throw invalidInput("The schedule is invalid", parsed.error);
  const { name, cron: _cron, timeZone: _zone, everyMs: _every, catchUp = "last", ...job } = parsed.data;
  const timing = timingOf(parsed.data);
  const { kind, owner, priority = SUBMIT_OPTIONS.priority.unset, tags = [] } = await engine.prepare(job);
  const input = encoded("input", parsed.data.input, LIMITS.scheduleInputBytes);

  const { queue } = engine.contract(kind);
  const scripts = engine.scripts(queue);
  const others = engine.queues.filter((other) => other !== queue).map((other) => engine.scripts(other));
  const [{ now, total, schedules }, elsewhereMs] = await Promise.all([
    scripts.readSchedules([name]),
    earliestOf(others, { name, timing }),
  ]);
  const followingMs = nextInstant(timing, now);
  if (followingMs === null)
    throw new TelltaleError(
      "invalid_input",
      "The schedule does not fire within the next five years. Check its cron expression",
    );
  if (schedules.length === 0 && total >= LIMITS.schedulesPerQueue) throw tooMany(queue);
  const definition = toStored(name, { kind, input, timing, catchUp, owner, priority, tags });
  const [answer, storedMs] = await scripts.setSchedule({
    name,
    definition,
    nextMs: Math.min(followingMs, elsewhereMs ?? followingMs),
    limit: LIMITS.schedulesPerQueue,
  });
  if (answer === "too_many") throw tooMany(queue);
  // Removed from the other queues afterwards, because the schedule and a due run would otherwise be lost if this process or Redis
  // failed in between. So for a moment it is in two queues.
  const removed = await Promise.all(others.map((other) => other.removeSchedule(name)));
  const firedOn = removed.find((nextMs) => nextMs !== null && nextMs > storedMs);
  // It fired in its former queue in that moment, so it must not fire the same time here.
  if (typeof firedOn !== "number" || storedMs !== elsewhereMs) return { next: new Date(storedMs) };
  await scripts.fireSchedule({ name, revision: revisionOf(definition), fromMs: storedMs, toMs: firedOn, fired: null });
  return { next: new Date(firedOn) };
}

/** Returns the earliest time at which a schedule with this name and timing fires in the queues, or null if there is none. */
async function earliestOf(
  queues: readonly QueueScripts[],
  { name, timing }: Readonly<{ name: string; timing: Timing }>,
): Promise<number | null> {
  const found = await Promise.all(queues.map((scripts) => scripts.readSchedules([name])));
  const times = found
    .flatMap(({ schedules }) => schedules)
    .filter(({ definition }) => timingTextOf(definition) === timingText(timing))
    .map(({ nextMs }) => nextMs);
  return times.length > 0 ? Math.min(...times) : null;
}

function tooMany(queue: string): TelltaleError {
  return new TelltaleError(
    "too_many",
    `Queue ${queue} already has ${LIMITS.schedulesPerQueue} schedules, which is the limit. Remove one first`,
  );
}
