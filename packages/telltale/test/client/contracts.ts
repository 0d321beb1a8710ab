import { defineJob, defineJobs } from "telltale";
import { z } from "zod";

export const judge = defineJob("judge", {
  input: z.object({ source: z.string() }),
  progress: z.object({ passed: z.int() }),
  chunk: z.object({ text: z.string() }),
  output: z.object({ verdict: z.enum(["accepted", "wrong_answer"]), at: z.date() }),
  errors: { unknown_problem: z.object({ problem: z.string() }) },
});

export const refund = defineJob("refund", {
  input: z.object({ order: z.string() }),
  output: z.object({ cents: z.int() }),
});

export const jobs = defineJobs(judge, refund);

export const JUDGE_ID = `judge_${"0".repeat(32)}`;
