import { fileURLToPath } from "node:url";
import { spawnProcess, testRedis } from "@telltale/testkit";
import { expect, test } from "vitest";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

// Postgres creates its files first, which takes seconds on a busy machine.
test("every committed order is confirmed once, and an order that was rolled back never is", {
  timeout: 90_000,
}, async () => {
  await using redis = await testRedis();
  await using example = await spawnProcess(MAIN, { env: { REDIS_URL: redis.url } });

  expect(await example.exited).toEqual({ code: 0, signal: null });

  expect(example.output()).toMatch(/ended: SIGKILL\ncommitted orders: o1, o2, o3\n/);
  expect(example.output()).toContain("a relay submits 3 jobs and dies before it marks them");
  const counts = [...example.output().matchAll(/^(o\d) was confirmed (\d) times$/gm)].map(([, ...found]) => found);
  expect(counts).toEqual([
    ["o1", "1"],
    ["o2", "1"],
    ["o3", "1"],
    ["o4", "0"],
  ]);
});
