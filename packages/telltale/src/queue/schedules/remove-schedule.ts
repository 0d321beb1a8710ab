import { invalidInput } from "../../core/internal.js";
import { ScheduleRef } from "../../core/schemas.js";
import type { Engine } from "../engine.js";

/** Deletes a schedule from all queues. Returns false if it does not exist. Rejects with `invalid_input` for an invalid name. */
export async function removeSchedule(engine: Engine, name: string): Promise<boolean> {
  const parsed = ScheduleRef.safeParse({ name });
  if (!parsed.success) throw invalidInput("The name of the schedule is invalid", parsed.error);
  const removed = await Promise.all(engine.queues.map((queue) => engine.scripts(queue).removeSchedule(name)));
  return removed.some((nextMs) => nextMs !== null);
}
