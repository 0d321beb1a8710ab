import type { History } from "../history/history.js";
import type { Violation } from "./violation.js";

/** G29: a process ends only if the harness ended it. */
export function processesLive({ exits }: History): Violation[] {
  return exits
    .filter(({ isExpected }) => !isExpected)
    .map(({ name, pid, says }) => ({ rule: "G29", says: `${name} (${pid}) died by itself: ${says}` }));
}
