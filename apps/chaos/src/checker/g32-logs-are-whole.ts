import type { History } from "../history/history.js";
import type { RecordEvent } from "../history/history-event.js";
import { PARTS } from "../work.js";
import { forgottenUntil } from "./forgotten-until.js";
import type { Violation } from "./violation.js";

/** G32: each line of a log is stored once and in order, and if lines of a completed attempt are missing, readers see a gap. */
export function logsAreWhole(history: History): Violation[] {
  const until = forgottenUntil(history, "steps");
  return [...history.jobs.values()].flatMap(({ id, record, execs }): Violation[] => {
    if (!record) return [];
    const { log, status, outputFence } = record;
    if (!rises(log.map(({ n }) => n))) return [{ rule: "G32", job: id, says: "has log lines out of order" }];
    for (const fence of new Set(log.map((line) => line.fence))) {
      if (fence === undefined || rises(partsOf(log, fence))) continue;
      return [{ rule: "G32", job: id, says: `has log lines of fence ${fence} twice or out of order` }];
    }
    // A failover can make Redis forget the last lines of an attempt that then completes.
    const began = execs.find(({ fence, phase }) => fence === outputFence && phase === "start")?.t ?? 0;
    const isWhole = outputFence === null || partsOf(log, outputFence).length === PARTS;
    if (status !== "completed" || isWhole || hasGap(log) || began <= until) return [];
    return [{ rule: "G32", job: id, says: `has not all log lines of fence ${outputFence}, and no gap` }];
  });
}

function partsOf(log: RecordEvent["log"], of: number): number[] {
  return log.flatMap(({ fence, part }) => (fence === of && part !== undefined ? [part] : []));
}

function rises(numbers: readonly number[]): boolean {
  return numbers.every((number, i) => number > (numbers[i - 1] ?? 0));
}

function hasGap(log: RecordEvent["log"]): boolean {
  return log.some(({ n }, i) => n !== i + 1);
}
