import { invalidInput } from "../../core/internal.js";
import { ScheduleRef } from "../../core/schemas.js";
import type { Engine } from "../engine.js";

/** Deletes a schedule from all queues. Returns false if there was none. Safe to call twice. */
export async function removeSchedule(engine: Engine, name: string): Promise<boolean> {
  const parsed = ScheduleRef.safeParse({ name });
  if (!parsed.success) throw invalidInput("The name is not usable as given", parsed.error);
  const removed = await Promise.all(engine.queues.map((queue) => engine.scripts(queue).removeSchedule(name)));
  return removed.includes(true);
}
