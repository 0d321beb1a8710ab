import type { History } from "./history/history.js";
import type { RunResult } from "./run.js";

const PRINTED = 20;

/** Prints the figures of a run and the history of each job with a violation. Returns true if there is no violation. */
export function report({ counts, violations, history, historyPath }: RunResult): boolean {
  const line = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
  console.log(line.join(", "));
  console.log(`violations: ${violations.length}`);
  for (const { rule, job, says } of violations.slice(0, PRINTED)) {
    console.log(`\n${rule} ${job ?? ""} ${says}`);
    if (job !== undefined) printJob(history, job);
  }
  if (historyPath !== null) console.log(`\nhistory: ${historyPath}`);
  return violations.length === 0;
}

function printJob({ events, keys }: History, id: string): void {
  const key = [...keys].find(([, submits]) => submits.some(({ job }) => job === id))?.[0];
  for (const event of events) {
    const isOfJob = "job" in event && event.job === id;
    const isOfKey = "key" in event && event.key === key;
    if (isOfJob || isOfKey || event.type === "nemesis") console.log(`    ${JSON.stringify(event)}`);
  }
}
