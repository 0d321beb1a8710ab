import type { Lane } from "../scripts/lane.js";
import type { StoredSchedule } from "../scripts/schedules/read-schedules.js";

const PAGE = 100;

/** Every schedule of a queue, in calls that no other caller of Redis has to wait for. */
export async function allSchedules(lane: Lane): Promise<StoredSchedule[]> {
  const names = (await lane.readSchedules([])).schedules.map(({ name }) => name);
  const found: StoredSchedule[] = [];
  for (let i = 0; i < names.length; i += PAGE)
    found.push(...(await lane.readSchedules(names.slice(i, i + PAGE))).schedules);
  return found;
}
