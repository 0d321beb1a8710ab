import { defineJob, defineJobs } from "telltale";
import { z } from "zod";

export const report = defineJob("report", {
  input: z.object({ month: z.string(), rows: z.int().min(0).max(500) }),
  progress: z.object({ done: z.int(), of: z.int() }),
  output: z.object({ total: z.number(), finishedAt: z.date() }),
  errors: { nothing_to_report: z.object({ month: z.string() }) },
  retry: { attempts: 3 },
  timeout: "30s",
});
export const jobs = defineJobs(report);
