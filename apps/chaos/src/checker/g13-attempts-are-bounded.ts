import type { History } from "../history/history.js";
import type { Violation } from "./violation.js";

/** G13: no round has more attempts than the contract allows. Giving a job back costs no attempt. */
export function attemptsAreBounded({ jobs }: History): Violation[] {
  return [...jobs.values()].flatMap(({ id, record }) => {
    if (!record) return [];
    const { feed, attempts, attempt } = record;
    const rounds = [...new Set(feed.map(({ round }) => round))];
    const spent = rounds.map((round) => {
      const of = feed.filter((transition) => transition.round === round);
      const claimed = of.filter(({ status }) => status === "running").length;
      return claimed - of.filter(({ status }, at) => status === "queued" && of[at - 1]?.status === "running").length;
    });
    const most = Math.max(attempt, ...spent);
    return most > attempts ? [{ rule: "G13", job: id, says: `had ${most} attempts of at most ${attempts}` }] : [];
  });
}
