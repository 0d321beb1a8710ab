import { defineJob, defineJobs, fixed } from "telltale";
import { z } from "zod";

/** Long enough for a machine with two busy cores, short enough that leases expire in a run of a few seconds. */
export const LEASE_MS = 1_500;

/** The shortest wait before a retry: the contract's backoff minus its jitter of 20 %. */
export const MIN_BACKOFF_MS = 160;

/** Each attempt reports and logs so many parts. */
export const PARTS = 3;

/** At most so many jobs of the kind `turn` run at the same time for one owner. */
export const MOST_OF_OWNER = 3;

const contract = {
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
    /** Whether each attempt submits a child job, the same in every attempt. */
    hasChild: z.boolean().default(false),
    /** Whether the first attempt leaves a rejected promise behind, which ends its process. */
    isStray: z.boolean().default(false),
  }),
  progress: z.object({ part: z.int() }),
  output: z.object({ n: z.int(), fence: z.int() }),
  errors: { broken: z.object({ n: z.int() }) },
  retry: { attempts: 6, backoff: fixed("200ms") },
  timeout: "20s",
} as const;

/** A job whose input decides what an execution does, so that the seed decides it. */
export const work = defineJob("work", contract);

/** Like `work`, in the same queue, with a limit per owner. */
export const turn = defineJob("turn", {
  ...contract,
  queue: work.queue,
  limits: { concurrency: { key: (_, { owner }) => owner ?? "server", max: MOST_OF_OWNER } },
});

/** The contracts of the harness. */
export const jobs = defineJobs(work, turn);

/** The message of the error that a stray job leaves behind. */
export const STRAY = "a stray rejection of the harness";

/** The input of a job. */
export type WorkInput = z.input<typeof work.input>;
