import { defineJob, defineJobs } from "telltale";
import { z } from "zod";

export const confirm = defineJob("confirm", {
  input: z.object({ order: z.string(), placedAt: z.date() }),
  output: z.object({ confirmed: z.string() }),
});
export const jobs = defineJobs(confirm);
