import { fileURLToPath } from "node:url";
import { spawnProcess, testRedis } from "@telltale/testkit";
import { createTelltale } from "telltale/server";
import { expect, test } from "vitest";
import { jobs } from "../src/contracts.js";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

test("every watcher sees the whole job once: from the start, late, resumed, or across the crash of a server", async () => {
  await using redis = await testRedis();
  await using example = await spawnProcess(MAIN, { env: { REDIS_URL: redis.url } });

  expect(await example.exited, example.output()).toEqual({ code: 0, signal: null });

  const output = example.output();
  expect(output.match(/^holds {6}/gm)).toHaveLength(4);
  expect(output).not.toContain("FAILS");
  expect(output.split("\n").filter((line) => line.length > 80)).toEqual([]);
  const rows = [...output.matchAll(/^(\w+) +(\d) +(.+?) +(\d+) +(\d+) +(\d+)$/gm)].map(([, ...row]) => row);
  expect(rows.map(([name, job, , transitions]) => `${name} ${job} ${transitions}`)).toEqual([
    ...["ann 1 6", "bob 1 6", "carol 2 6", "carol 1 6", "dave 1 6", "frank 1 6", "erin 1 6", "mallory 1 0"],
  ]);

  // Compare with what is in Redis.
  await using telltale = createTelltale({ jobs, redis: redis.url });
  const { jobs: kept } = await telltale.submission.list().page();
  expect(kept).toHaveLength(2);
  for (const { id } of kept) {
    const told: string[] = [];
    for await (const { seq, status } of telltale.submission.job(id).watch()) told.push(`${seq} ${status}`);
    expect(output).toContain(`each       ${told.join(", ")}\n`);
  }
}, 60_000);
