import type { History } from "../history/history.js";
import type { Violation } from "./violation.js";

const KEPT = 64;

/** G18: the stored feed has no gaps, and its last entry agrees with the record. */
export function feedHasNoHoles({ jobs }: History): Violation[] {
  return [...jobs.values()].flatMap(({ id, record }): Violation[] => {
    if (!record) return [];
    const { feed, seq, status, round, attempt, at } = record;
    const first = feed[0]?.seq ?? 0;
    const holes = feed.flatMap((transition, index): Violation[] =>
      transition.seq === first + index
        ? []
        : [{ rule: "G18", job: id, says: `has a gap before seq ${transition.seq}` }],
    );
    const last = feed.at(-1);
    const agrees = last?.seq === seq && last.status === status && last.round === round && last.attempt === attempt;
    return [
      ...holes.slice(0, 1),
      ...(first === 1 || feed.length >= KEPT
        ? []
        : [{ rule: "G18", job: id, says: `has a feed that starts at ${first}` }]),
      ...(agrees && last.at === at ? [] : [{ rule: "G18", job: id, says: "has a feed and a record that disagree" }]),
    ];
  });
}
