import { defineJob, defineJobs, defineQueue } from "telltale";
import { z } from "zod";

/** Writes all entries of an account to a compressed file. */
export const statement = defineJob("statement", {
  input: z.object({ account: z.string().regex(/^[a-z0-9-]{1,32}$/), entries: z.int().min(1).max(5_000_000) }),
  progress: z.object({ worker: z.string(), written: z.int() }),
  output: z.object({ file: z.string(), sha256: z.string(), worker: z.string() }),
  queue: defineQueue("statements", { maxWaiting: 1_000 }),
  retry: { attempts: 5 },
  timeout: "1m",
});
export const jobs = defineJobs(statement);
