import type { History } from "../history/history.js";
import type { Violation } from "./violation.js";

/** A cancel that was answered `cancelled` ended the round. */
export function cancelledIsCancelled({ jobs }: History): Violation[] {
  return [...jobs.values()].flatMap(({ id, record, cancels }) => {
    const wasAnswered = cancels.some(({ outcome }) => outcome === "cancelled");
    if (!wasAnswered || !record || record.feed.some(({ status }) => status === "cancelled")) return [];
    return [{ rule: "cancel", job: id, says: `was answered cancelled and is ${record.status}` }];
  });
}
