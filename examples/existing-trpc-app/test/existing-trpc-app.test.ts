import { fileURLToPath } from "node:url";
import { spawnProcess, testRedis } from "@telltale/testkit";
import { createTelltale } from "telltale/server";
import { expect, test } from "vitest";
import { source } from "../../../test/docs/pages.js";
import { jobs } from "../src/contracts.js";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

test.each([
  ["tRPC's own adapters", []],
  ["Telltale's gateway", ["--gateway"]],
])("served by %s, users see their own jobs and an admin sees all", { timeout: 60_000 }, async (listener, args) => {
  await using redis = await testRedis();
  await using example = await spawnProcess(MAIN, { args, env: { REDIS_URL: redis.url } });

  expect(await example.exited, example.output()).toEqual({ code: 0, signal: null });

  const output = example.output();
  const cells = (who: string): string[] | undefined =>
    new RegExp(`^${who} {3,}(.*)$`, "m").exec(output)?.[1]?.split(/ {3,}/);
  expect(output).toContain(`served by ${listener} on http://127.0.0.1:`);
  expect(output).toMatch(/\n {2}queued\n( {2}running.*\n)+ {2}completed {2}16 words/);
  expect(output).toMatch(/\n {2}running +\d of 3 notes\n/);
  expect(cells("ann")).toEqual(["1", "completed", "NOT_FOUND", "NOT_FOUND"]);
  expect(cells("bob")).toEqual(["1", "NOT_FOUND", "completed", "NOT_FOUND"]);
  expect(cells("eve")).toEqual(["2", "completed", "completed", "NOT_FOUND", "(an admin)"]);
  expect(cells("nobody")).toEqual(Array.from({ length: 4 }, () => "UNAUTHORIZED"));
  expect(output.match(/^holds {4}/gm)).toHaveLength(8);
  expect(output).not.toContain("FAILS");
  expect(output.split("\n").filter((line) => line.length > 80)).toEqual([]);

  // In Redis, each job belongs to the user who submitted it.
  await using telltale = createTelltale({ jobs, redis: redis.url });
  const { jobs: kept } = await telltale.summary.list().page();
  expect(kept.map(({ owner, status }) => [owner, status]).sort()).toEqual([
    ["ann", "completed"],
    ["bob", "completed"],
  ]);
});

test("the jobs are mounted in six lines", () => {
  const lines = source("examples/existing-trpc-app/src/router.ts#mount").trimEnd().split("\n");

  expect(lines).toHaveLength(6);
  expect(lines[0]).toContain("createJobsRouter(");
});
