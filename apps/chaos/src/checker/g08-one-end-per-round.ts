import { isFinal } from "telltale";
import type { History } from "../history/history.js";
import type { Violation } from "./violation.js";

/** G8: one event ends a round, only a rerun starts another, and after the drain every round has ended. */
export function oneEndPerRound({ jobs }: History): Violation[] {
  return [...jobs.values()].flatMap(({ id, record, reruns }): Violation[] => {
    if (!record) return [];
    const { feed, status, round } = record;
    const asked = reruns.filter(({ phase }) => phase === "invoke").length;
    return [
      ...feed.flatMap((transition, at): Violation[] => {
        const before = feed[at - 1];
        if (!before || !isFinal(before.status) || transition.round > before.round) return [];
        return [
          { rule: "G8", job: id, says: `round ${before.round} continued with ${transition.status} after its end` },
        ];
      }),
      ...(isFinal(status) ? [] : [{ rule: "G8", job: id, says: `is still ${status} after the drain` }]),
      ...(round - 1 <= asked ? [] : [{ rule: "G8", job: id, says: `is in round ${round} after ${asked} reruns` }]),
    ];
  });
}
