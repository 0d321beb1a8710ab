import { decode } from "../../core/internal.js";
import type { Engine } from "../engine.js";
import { firstLine } from "../redis/redis-error.js";
import type { QueueScripts } from "../scripts/queue-scripts.js";
import type { StoredSchedule } from "../scripts/schedules/read-schedules.js";
import { fromStored } from "./definition.js";
import type { Schedule } from "./schedule.js";

const PAGE = 100;

/** Returns the schedules of all queues, sorted by name. Schedules with malformed definitions are logged and left out. */
export async function listSchedules(engine: Engine): Promise<Schedule[]> {
  const listed = await Promise.all(
    engine.queues.map(async (queue) => {
      const schedules = await allSchedules(engine.scripts(queue));
      return schedules.flatMap((stored) => read(engine, queue, stored));
    }),
  );
  return listed.flat().sort((a, b) => (a.name < b.name ? -1 : 1));
}

function read(engine: Engine, queue: string, { name, nextMs, definition }: StoredSchedule): Schedule[] {
  try {
    const { input, movedFrom: _from, ...rest } = fromStored(definition);
    return [{ name, queue, ...rest, input: decode(input), next: new Date(nextMs) }];
  } catch (error) {
    engine.logger.error({ queue, schedule: name, error: firstLine(error) }, "a stored schedule is malformed");
    return [];
  }
}

/** Reads all schedules of a queue, in several calls, so that none of them blocks Redis for long. */
export async function allSchedules(scripts: QueueScripts): Promise<StoredSchedule[]> {
  const names = (await scripts.readSchedules([])).schedules.map(({ name }) => name);
  const found: StoredSchedule[] = [];
  for (let i = 0; i < names.length; i += PAGE)
    found.push(...(await scripts.readSchedules(names.slice(i, i + PAGE))).schedules);
  return found;
}
