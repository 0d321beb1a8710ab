import { defineJob, exponential } from "telltale";
import { z } from "zod";

/** The verdict on a submission, or on one of its tests. A wrong answer is a result: the job is completed, not failed. */
export const Verdict = z.enum([
  "accepted",
  "wrong_answer",
  "runtime_error",
  "time_limit",
  "memory_limit",
  "compile_error",
]);
/** The type of the schema. */
export type Verdict = z.infer<typeof Verdict>;

/** The result of one test that ran. Of a hidden test, only the verdict is included. */
export const TestResult = z.object({
  index: z.int(),
  verdict: Verdict,
  /** How long the test ran, in ms. */
  ms: z.number(),
  message: z.string().optional(),
  hidden: z.boolean(),
});
/** The type of the schema. */
export type TestResult = z.infer<typeof TestResult>;

/** Runs a submission against the tests of a problem and stops at the first test that fails. */
export const judge = defineJob("judge", {
  input: z.object({
    problem: z.string().min(1).max(64),
    language: z.literal("javascript"),
    source: z.string().min(1).max(64_000),
  }),
  progress: z.object({ passed: z.int(), total: z.int() }),
  chunk: z.object({ text: z.string() }),
  output: z.object({ verdict: Verdict, passed: z.int(), total: z.int(), tests: z.array(TestResult) }),
  errors: { unknown_problem: z.object({ problem: z.string() }) },
  retry: { attempts: 3, backoff: exponential("1s", { max: "1m" }) },
  timeout: "30s",
  // Users take turns, so that none of them occupies all workers.
  limits: { concurrency: { key: (_, { owner }) => owner ?? "server", max: 4 } },
});
