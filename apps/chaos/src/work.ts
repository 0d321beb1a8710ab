import { defineJob, defineJobs, fixed } from "telltale";
import { z } from "zod";

/** Long enough for a machine with two busy cores, short enough that leases expire in a run of a few seconds. */
export const LEASE_MS = 1_500;

/** The shortest wait before a retry: the contract's backoff minus its jitter of 20 %. */
export const MIN_BACKOFF_MS = 160;

/** The only kind of job. Its input decides what an execution does, so that the seed decides it. */
export const work = defineJob("work", {
  input: z.object({
    n: z.int(),
    /** How long the handler waits, in ms. */
    ms: z.int(),
    /** How many attempts throw before one succeeds. */
    failures: z.int(),
    /** Ends with the contract's own error, which is not retried. */
    isBroken: z.boolean(),
    /** How long the first attempt blocks its event loop, in ms. */
    blockMs: z.int(),
  }),
  progress: z.object({ part: z.int() }),
  output: z.object({ n: z.int(), fence: z.int() }),
  errors: { broken: z.object({ n: z.int() }) },
  retry: { attempts: 6, backoff: fixed("200ms") },
  timeout: "20s",
});

/** The contracts of the harness. */
export const jobs = defineJobs(work);

/** The input of a `work` job. */
export type WorkInput = z.input<typeof work.input>;
