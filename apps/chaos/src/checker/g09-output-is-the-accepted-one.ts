import type { History } from "../history/history.js";
import type { Violation } from "./violation.js";

/** G9: the stored output comes from the execution whose completion was accepted. */
export function outputIsTheAcceptedOne({ jobs }: History): Violation[] {
  return [...jobs.values()].flatMap(({ id, record, execs }) => {
    if (record?.status !== "completed") return [];
    const fence = record.outputFence;
    if (!record.settled.startsWith(`${fence}:complete:`)) {
      return [{ rule: "G9", job: id, says: `was settled as ${record.settled} but has the output of fence ${fence}` }];
    }
    const returned = execs.some((exec) => exec.fence === fence && exec.outcome === "completed");
    return returned ? [] : [{ rule: "G9", job: id, says: `has an output of fence ${fence}, which did not return one` }];
  });
}
