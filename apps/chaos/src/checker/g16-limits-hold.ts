import type { History } from "../history/history.js";
import type { RecordEvent } from "../history/history-event.js";
import { MOST_OF_OWNER } from "../work.js";
import { forgottenUntil } from "./forgotten-until.js";
import type { Violation } from "./violation.js";

/** G16: at no time do more jobs with one limit key run than the limit allows. */
export function limitsHold(history: History): Violation[] {
  const until = forgottenUntil(history, "steps");
  const records = [...history.jobs.values()].flatMap(({ record }) => record ?? []);
  const keys = new Set(records.flatMap(({ limitKey }) => limitKey ?? []));
  return [...keys].flatMap((key) => {
    const changes = records
      .filter(({ limitKey }) => limitKey === key)
      .flatMap((record) => changesOf(record, until))
      // In the same millisecond, a freed slot may be taken again.
      .sort((a, b) => a.at - b.at || a.by - b.by);
    let running = 0;
    let most = 0;
    for (const { by } of changes) {
      running += by;
      most = Math.max(most, running);
    }
    return most > MOST_OF_OWNER ? [{ rule: "G16", says: `${most} jobs with the key ${key} ran at once` }] : [];
  });
}

function changesOf({ feed }: RecordEvent, until: number): { at: number; by: 1 | -1 }[] {
  return feed.flatMap(({ status, at }, index) => {
    if (status !== "running" || at < until) return [];
    const end = feed[index + 1]?.at;
    return [{ at, by: 1 } as const, ...(end === undefined ? [] : [{ at: end, by: -1 } as const])];
  });
}
