import { defineJob, defineJobs } from "telltale";
import { z } from "zod";

export const summary = defineJob("summary", {
  input: z.object({ notes: z.array(z.string().max(1_000)).min(1).max(100) }),
  progress: z.object({ read: z.int(), of: z.int() }),
  output: z.object({ words: z.int(), longest: z.string(), madeAt: z.date() }),
  timeout: "1m",
});
export const jobs = defineJobs(summary);
