import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { spawnProcess, testRedis } from "@telltale/testkit";
import { describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PROGRAMS = ["01-lists", "02-pubsub", "03-leases", "04-feed", "05-trpc"];

const read = (file: string): string => readFileSync(`${ROOT}/${file}`, "utf8");

/** Runs a program on a Redis of its own; answers what it printed once it ended well. */
async function run(program: string): Promise<string> {
  await using redis = await testRedis();
  await using example = await spawnProcess(`${ROOT}/dist/${program}/main.js`, { env: { REDIS_URL: redis.url } });
  const end = await example.exited;
  expect(end, example.output()).toEqual({ code: 0, signal: null });
  return example.output();
}

/** Runs of digits differ from run to run where a program counts races. */
const masked = (text: string): string => text.replace(/(without any fault), \d+/, "$1, N");

test.each(PROGRAMS)("%s shows what its README says it shows", { timeout: 60_000 }, async (program) => {
  const [, shown = ""] = /\n```\n([\s\S]*?)```/.exec(read(`${program}/README.md`)) ?? [];

  expect(masked(await run(program)).trimEnd()).toBe(masked(shown).trimEnd());
});

describe.each(PROGRAMS)("%s", (program) => {
  test("is at most eighty lines in all", () => {
    const files = readdirSync(`${ROOT}/${program}`).filter((name) => name.endsWith(".ts"));
    const lines = files.flatMap((name) => read(`${program}/${name}`).trimEnd().split("\n"));

    expect(lines.length).toBeLessThanOrEqual(80);
  });

  test("says last what breaks", () => {
    const headings = read(`${program}/README.md`).match(/^## .+$/gm);

    expect(headings?.at(-1)).toBe("## What breaks");
  });
});

test("the losses are real and the cures cure them, by the programs' own counts", { timeout: 120_000 }, async () => {
  const [lists, pubsub, leases, feed] = [
    await run("01-lists"),
    await run("02-pubsub"),
    await run("03-leases"),
    await run("04-feed"),
  ];

  expect(lists).toMatch(/^completed {2}9\nwaiting {4}0\nlost {7}1: mail_1/m);
  expect(pubsub).toMatch(/^lost {7}the end/m);
  expect(leases).toMatch(/^completed {2}10,.*\nlost {7}0$/m);
  expect(feed).toMatch(/^races .*, 0 ends lost$/m);
});
