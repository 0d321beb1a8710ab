import { setTimeout } from "node:timers/promises";
import { handle } from "telltale";
import { report } from "./contracts.js";

export const reportHandler = handle(report, async ({ input, progress, signal, fail }) => {
  if (input.rows === 0) throw fail("nothing_to_report", { month: input.month });
  let total = 0;
  for (let done = 1; done <= input.rows; done++) {
    await setTimeout(50, undefined, { signal }); // the work; cancel, timeout and shutdown abort it
    total += done * 9.5;
    progress({ done, of: input.rows });
  }
  return { total, finishedAt: new Date() };
});
