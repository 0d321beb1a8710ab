import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { spawnProcess, testRedis } from "@telltale/testkit";
import { describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** What each program must print: 01 and 02 lose something, and the others do not. */
const CLAIMS = {
  "01-lists": /^completed {2}9\nwaiting {4}0\nlost {7}1: mail_1,/m,
  "02-pubsub": /^lost {7}the end/m,
  "03-leases": /^completed {2}10,.*\nlost {7}0\n.*lease_lost$/m,
  "04-feed": /^races .*, 0 ends lost$/m,
  "05-trpc": /^cursors {4}none, then 2$/m,
};
const PROGRAMS = Object.keys(CLAIMS);

const read = (file: string): string => readFileSync(`${ROOT}/${file}`, "utf8");

/** Runs a program on a private Redis, which must exit with 0, and resolves with its output. */
async function run(program: string): Promise<string> {
  await using redis = await testRedis();
  await using example = await spawnProcess(`${ROOT}/${program}/main.ts`, { env: { REDIS_URL: redis.url } });
  const end = await example.exited;
  expect(end, example.output()).toEqual({ code: 0, signal: null });
  return example.output();
}

/** Hides the number of lost races, which differs from run to run. */
const masked = (text: string): string => text.replace(/(without any fault), \d+/, "$1, N");

test.each(Object.entries(CLAIMS))("%s prints what its README shows", { timeout: 60_000 }, async (program, claim) => {
  const [, shown = ""] = /\n```\n([\s\S]*?)```/.exec(read(`${program}/README.md`)) ?? [];

  const output = await run(program);

  expect(output).toMatch(claim);
  expect(masked(output).trimEnd()).toBe(masked(shown).trimEnd());
});

describe.each(PROGRAMS)("%s", (program) => {
  test("has at most eighty lines in all", () => {
    const files = readdirSync(`${ROOT}/${program}`).filter((name) => name.endsWith(".ts"));
    const lines = files.flatMap((name) => read(`${program}/${name}`).trimEnd().split("\n"));

    expect(lines.length).toBeLessThanOrEqual(80);
  });

  test("ends its README with what breaks", () => {
    const headings = read(`${program}/README.md`).match(/^## .+$/gm);

    expect(headings?.at(-1)).toBe("## What breaks");
  });
});
