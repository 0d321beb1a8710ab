import type { Engine } from "../engine.js";
import type { StoredSchedule } from "../scripts/schedules/read-schedules.js";
import { fromStored, revisionOf } from "./definition.js";
import { type Timing, timingText } from "./timing.js";

/** A queue from which a schedule was moved, and the revision that it had there. */
export interface MovedSchedule {
  readonly queue: string;
  readonly revision: string;
}

/** Returns the schedules with this name in all queues of the contracts but one. */
export async function findElsewhere(
  engine: Engine,
  name: string,
  but: string,
): Promise<readonly (StoredSchedule & MovedSchedule)[]> {
  const found = await Promise.all(
    engine.queues
      .filter((queue) => queue !== but)
      .map(async (queue) => {
        const { schedules } = await engine.scripts(queue).readSchedules([name]);
        return schedules.map((one) => ({ ...one, queue, revision: revisionOf(one.definition) }));
      }),
  );
  return found.flat();
}

/**
 * Returns from where a stored schedule was moved, if that still matters when it is set again: while a time from before the move may be
 * due, which its former queue may have fired.
 */
export function stillNeeded(
  stored: StoredSchedule | undefined,
  { timing, now }: Readonly<{ timing: Timing; now: number }>,
): readonly MovedSchedule[] {
  if (!stored || stored.nextMs > now) return [];
  try {
    const before = fromStored(stored.definition);
    return timingText(before.timing) === timingText(timing) ? (before.movedFrom ?? []) : [];
  } catch {
    // The malformed definition is replaced.
    return [];
  }
}

/** Returns what a definition keeps of moves, each once. */
export function movesOf(moves: readonly MovedSchedule[]): MovedSchedule[] {
  const byText = new Map(moves.map(({ queue, revision }) => [`${queue} ${revision}`, { queue, revision }]));
  return [...byText.values()];
}

/** Removes a schedule from the queues that it was moved from, unless it was set there again. */
export async function removeMoved(engine: Engine, name: string, from: readonly MovedSchedule[]): Promise<void> {
  // A process with other contracts may not name the queue.
  const known = from.filter(({ queue }) => engine.queues.includes(queue));
  await Promise.all(known.map(({ queue, revision }) => engine.scripts(queue).removeSchedule(name, revision)));
}

/**
 * Makes sure that no former queue of a moved schedule fires it any more, and returns whether one of them fired it for this time. The
 * process that moved it may have stopped before it removed the schedule there. The order matters: a time that is fired there before the
 * removal is remembered, and after the removal none is fired.
 */
export async function endMoves(
  engine: Engine,
  movedFrom: readonly MovedSchedule[],
  { name, atMs }: Readonly<{ name: string; atMs: number }>,
): Promise<boolean> {
  await removeMoved(engine, name, movedFrom);
  const known = movedFrom.filter(({ queue }) => engine.queues.includes(queue));
  const fired = await Promise.all(known.map(({ queue }) => engine.scripts(queue).hasFired(name, atMs)));
  return fired.includes(true);
}
