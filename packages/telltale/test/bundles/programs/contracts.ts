import { defineJob, defineJobs, fixed } from "telltale";
import { z } from "zod";

export const block = defineJob("block", {
  input: z.object({ ms: z.int() }),
  output: z.object({ by: z.string(), at: z.date() }),
  retry: { attempts: 3, backoff: fixed(100) },
  timeout: "1m",
});
export const jobs = defineJobs(block);
