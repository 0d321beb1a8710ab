import { isAfter, isFinal } from "telltale";
import type { History } from "../history/history.js";
import type { Violation } from "./violation.js";

/** G19: a watcher receives events in order, and none of a round after the end of that round. */
export function watchersSeeOrder({ legs }: History): Violation[] {
  return legs.flatMap(({ leg, received }) =>
    received.flatMap((event, at): Violation[] => {
      const before = received[at - 1];
      if (!before || event.reset) return [];
      const { job, seq, rev, status, round } = event;
      if (!isAfter(event, before)) {
        return [{ rule: "G19", job, says: `${leg} got ${seq}.${rev} after ${before.seq}.${before.rev}` }];
      }
      if (!isFinal(before.status) || round > before.round) return [];
      return [{ rule: "G19", job, says: `${leg} got ${status} after the end of round ${round}` }];
    }),
  );
}
