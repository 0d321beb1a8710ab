import type { Jobs } from "../../core/index.js";
import type { Engine } from "../engine.js";
import { listSchedules } from "./list-schedules.js";
import { removeSchedule } from "./remove-schedule.js";
import type { Schedules } from "./schedule.js";
import { setSchedule } from "./set-schedule.js";

/** Returns the `$schedules` of an engine. */
export function schedulesOf<T extends Jobs>(engine: Engine): Schedules<T> {
  return {
    set: async (name, { job, tags, ...schedule }) =>
      setSchedule(engine, { name, kind: job.kind, tags: tags && [...tags], ...schedule }),
    list: () => listSchedules(engine),
    remove: (name) => removeSchedule(engine, name),
  };
}
