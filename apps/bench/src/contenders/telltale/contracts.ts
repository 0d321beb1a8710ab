import { defineJob, defineJobs } from "telltale";
import { z } from "zod";

const number = z.object({ n: z.int() });

/** The job of the queue's benchmarks. It does nothing, so that what remains is the product. */
export const noop = defineJob("noop", { input: number, output: number });
export const noops = defineJobs(noop);

/** The job of the live benchmarks. It reports what its process is asked to publish. */
export const live = defineJob("live", {
  input: number,
  progress: z.object({ n: z.int(), at: z.number() }),
  output: number,
  timeout: "1h",
});

/** The contracts of the server, so that clients can also submit jobs that do nothing. */
export const liveJobs = defineJobs(live, noop);
