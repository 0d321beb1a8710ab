import { defineJob, defineJobs, fixed } from "telltale";
import { z } from "zod";

/** Returns twice its number. */
export const double = defineJob("double", {
  input: z.object({ n: z.int() }),
  output: z.object({ doubled: z.int() }),
  retry: { attempts: 1 },
});

/** A kind with any input and output. */
export const anything = defineJob("anything", {
  input: z.object({ name: z.string().default("nobody") }),
  progress: z.object({ step: z.int() }),
  chunk: z.object({ text: z.string() }),
  output: z.unknown(),
  errors: { out_of_stock: z.object({ item: z.string(), left: z.int().default(0) }) },
  retry: { attempts: 3, backoff: fixed(100) },
  timeout: "20s",
});

/** Ends within a second, or has timed out. */
export const brief = defineJob("brief", {
  input: z.object({}),
  output: z.unknown(),
  retry: { attempts: 2, backoff: fixed(100) },
  timeout: "300ms",
});

/** A kind with any progress and chunks. */
export const loose = defineJob("loose", {
  input: z.object({ name: z.string().default("nobody") }),
  progress: z.unknown(),
  chunk: z.unknown(),
  output: z.unknown(),
  errors: { out_of_stock: z.object({ item: z.string() }) },
  retry: { attempts: 1 },
});

export const jobs = defineJobs(double, anything, brief, loose);
