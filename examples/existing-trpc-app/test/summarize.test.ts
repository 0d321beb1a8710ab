import { testRedis } from "@telltale/testkit";
import { createTelltale } from "telltale/server";
import { createWorker } from "telltale/worker";
import { afterAll, expect, test } from "vitest";
import { jobs } from "../src/contracts.js";
import { summarize } from "../src/summarize.js";

const server = await testRedis();
afterAll(() => server.stop());
const redis = server.url;

// #region whole
test("summarizes notes and reports how many were read", async () => {
  const prefix = `test-${crypto.randomUUID()}`; // no other test sees these jobs
  await using telltale = createTelltale({ jobs, redis, prefix });
  await using _worker = createWorker({ telltale, handlers: [summarize] });

  const job = await telltale.summary.submit({ notes: ["one two", "three"] });
  const reports: string[] = [];
  for await (const now of job.watch()) {
    if (now.status === "running" && now.progress) reports.push(`${now.progress.read} of ${now.progress.of}`);
  }

  expect(reports.at(-1)).toBe("2 of 2"); // earlier reports may have been merged
  await expect(job.output()).resolves.toMatchObject({ words: 3, longest: "one two" });
});
// #endregion
