import type { jobs } from "@telltale/contracts";
import { createClient } from "telltale/client";
import { expect, test } from "vitest";
import { startProcesses } from "./processes.js";

const JOBS = 60;

test("three workers share 60 equal jobs: each runs at least a fifth of them, and every job runs once", {
  timeout: 60_000,
}, async () => {
  await using stack = await startProcesses({ workers: 3 });
  await using client = createClient<typeof jobs>({ url: stack.url });
  const input = {
    problem: "sum",
    language: "javascript" as const,
    source: "const solve = ({ numbers }) => numbers.reduce((a, b) => a + b, 0);",
  };

  const submitted = await Promise.all(Array.from({ length: JOBS }, () => client.judge.submit(input)));
  const results = await Promise.all(submitted.map((job) => job.output()));

  expect(new Set(results.map(({ verdict }) => verdict))).toEqual(new Set(["accepted"]));
  const runs = stack.workers.map((worker) =>
    [...worker.output().matchAll(/"id":"([^"]+)".*attempt started/g)].map(([, id]) => id),
  );
  expect(new Set(runs.flat()).size).toBe(JOBS);
  expect(runs.flat()).toHaveLength(JOBS);
  for (const run of runs) expect(run.length).toBeGreaterThanOrEqual(JOBS / 5);
});
