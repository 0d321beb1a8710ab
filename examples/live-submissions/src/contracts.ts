import { defineJob, defineJobs, fixed } from "telltale";
import { z } from "zod";

export const submission = defineJob("submission", {
  input: z.object({ tests: z.int().min(1).max(100) }),
  progress: z.object({ passed: z.int(), total: z.int() }),
  output: z.object({ verdict: z.enum(["accepted", "rejected"]) }),
  retry: { attempts: 3, backoff: fixed("200ms") },
  timeout: "1m",
});
export const jobs = defineJobs(submission);
