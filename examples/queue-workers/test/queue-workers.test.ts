import { fileURLToPath } from "node:url";
import { spawnProcess, testRedis } from "@telltale/testkit";
import { createTelltale } from "telltale/server";
import { expect, test } from "vitest";
import { jobs } from "../src/contracts.js";
import { temporaryFolder } from "./temporary-folder.js";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

test("killing a worker causes one more start and loses no job", { timeout: 90_000 }, async () => {
  await using redis = await testRedis();
  await using example = await spawnProcess(MAIN, { env: { REDIS_URL: redis.url } });

  expect(await example.exited, example.output()).toEqual({ code: 0, signal: null });

  const output = example.output();
  expect(output).toContain("submitted  60 jobs: 30 in process");
  expect(output).toContain("lost       0 of 60 acknowledged jobs");
  expect(output).toContain("1 job: queued, running, retrying, queued, running, completed");
  expect(output.match(/^holds {6}/gm)).toHaveLength(5);
  expect(output).not.toContain("FAILS");
  expect(output.split("\n").filter((line) => line.length > 80)).toEqual([]);

  const rows = [...output.matchAll(/^(worker \d|all) +(\d+) +(\d+)( {3}killed)?$/gm)].map(
    ([, name, started, completed, killed]) => ({
      name,
      started: Number(started),
      completed: Number(completed),
      isKilled: killed !== undefined,
    }),
  );
  const workers = rows.slice(0, 3);
  const victim = workers.filter(({ isKilled }) => isKilled);
  expect(rows.map(({ name }) => name)).toEqual(["worker 1", "worker 2", "worker 3", "all"]);
  expect(victim.map(({ name }) => name)).toEqual([/^killed {5}(worker \d), /m.exec(output)?.[1]]);
  expect(sum(workers, "completed")).toBe(60);
  for (const { started, completed, isKilled } of workers) {
    expect(started).toBeGreaterThan(1);
    expect(started - completed).toBe(isKilled ? 1 : 0);
  }

  // Compare with what is in Redis.
  await using telltale = createTelltale({ jobs, redis: redis.url });
  const kept = [];
  for await (const page of telltale.statement.list()) kept.push(...page.jobs);
  expect(kept.map(({ status }) => status)).toEqual(Array.from({ length: 60 }, () => "completed"));
  expect(kept.reduce((starts, { attempt }) => starts + attempt, 0)).toBe(sum(workers, "started"));
});

test("if the example itself is killed, no worker is left behind", { timeout: 60_000 }, async () => {
  await using redis = await testRedis();
  await using folder = await temporaryFolder(); // for the files that it can no longer delete
  await using example = await spawnProcess(MAIN, { env: { REDIS_URL: redis.url, TMPDIR: folder.path } });
  const workers = (await example.line(/^workers /)).match(/\d+/g)?.map(Number) ?? [];
  expect(workers.filter(isAlive)).toHaveLength(3);

  example.kill("SIGKILL");

  await expect.poll(() => workers.filter(isAlive), { timeout: 20_000 }).toEqual([]);
});

function sum(rows: readonly Readonly<{ started: number; completed: number }>[], of: "started" | "completed"): number {
  return rows.reduce((total, row) => total + row[of], 0);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
