import { setTimeout } from "node:timers/promises";
import { handle } from "telltale";
import { createTelltale } from "telltale/server";
import { createWorker } from "telltale/worker";
import { jobs, report } from "./contracts.js";

const makeReport = handle(report, async ({ input, progress, signal, fail }) => {
  if (input.rows === 0) throw fail("nothing_to_report", { month: input.month });
  let total = 0;
  for (let done = 1; done <= input.rows; done++) {
    await setTimeout(50, undefined, { signal }); // the work; a cancel, the timeout and a shutdown abort it
    total += done * 9.5;
    progress({ done, of: input.rows });
  }
  return { total, finishedAt: new Date() };
});

const telltale = createTelltale({ jobs, redis: process.env.REDIS_URL });
const worker = createWorker({ telltale, handlers: [makeReport] });
await worker.run(); // until Ctrl-C or SIGTERM; then handlers are aborted and unfinished jobs return to the queue
await telltale[Symbol.asyncDispose]();
