import type { QueueScripts } from "../scripts/queue-scripts.js";
import type { StoredSchedule } from "../scripts/schedules/read-schedules.js";

const PAGE = 100;

/** Every schedule of a queue, in calls that no other caller of Redis has to wait for. */
export async function allSchedules(scripts: QueueScripts): Promise<StoredSchedule[]> {
  const names = (await scripts.readSchedules([])).schedules.map(({ name }) => name);
  const found: StoredSchedule[] = [];
  for (let i = 0; i < names.length; i += PAGE)
    found.push(...(await scripts.readSchedules(names.slice(i, i + PAGE))).schedules);
  return found;
}
