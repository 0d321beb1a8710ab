import { type Duration, type Jobs, TelltaleError } from "../../core/index.js";
import { durationMs } from "../../core/internal.js";
import type { Engine } from "../engine.js";
import { listSchedules } from "./list-schedules.js";
import { removeSchedule } from "./remove-schedule.js";
import type { Schedules } from "./schedule.js";
import { setSchedule } from "./set-schedule.js";

/** Only forwards. */
export function schedulesOf<T extends Jobs>(engine: Engine): Schedules<T> {
  return {
    set: async (name, { job, every, tags, ...schedule }) => {
      const everyMs = every === undefined ? undefined : periodMs(every);
      return setSchedule(engine, { name, kind: job.kind, everyMs, tags: tags && [...tags], ...schedule });
    },
    list: () => listSchedules(engine),
    remove: (name) => removeSchedule(engine, name),
  };
}

// A schedule may be somebody's input: what is wrong with it is not the application's configuration.
function periodMs(every: Duration): number {
  try {
    return durationMs(every);
  } catch (cause) {
    throw new TelltaleError("invalid_input", "every is not a duration", { cause });
  }
}
