import { defineJob, defineJobs } from "telltale";
import { z } from "zod";

export const hash = defineJob("hash", {
  input: z.object({ text: z.string(), forMs: z.int().max(30_000) }),
  output: z.object({ rounds: z.int(), digest: z.string() }),
  timeout: "1m",
});
export const jobs = defineJobs(hash);
