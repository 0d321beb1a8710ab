import type { History } from "../history/history.js";
import { forgottenUntil } from "./forgotten-until.js";
import type { Violation } from "./violation.js";

/** A cancel that was answered `cancelled` ended the round, unless a later fault may have undone it. */
export function cancelledIsCancelled(history: History): Violation[] {
  const until = forgottenUntil(history, "steps");
  return [...history.jobs.values()].flatMap(({ id, record, cancels }) => {
    const wasAnswered = cancels.some(({ outcome, t }) => outcome === "cancelled" && t >= until);
    if (!wasAnswered || !record || record.feed.some(({ status }) => status === "cancelled")) return [];
    return [{ rule: "cancel", job: id, says: `was answered cancelled but is ${record.status}` }];
  });
}
