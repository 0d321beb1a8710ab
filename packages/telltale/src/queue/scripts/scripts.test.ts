import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { recordFields } from "@telltale/testkit";
import { LIFECYCLE } from "telltale";
import { expect, test } from "vitest";
import { generateLua } from "../../../build/generate-lua.mjs";
import { jobArguments } from "../record/job-to-store.js";
import { composeLua } from "./compose-lua.js";
import { SCRIPTS, SHARED as SHARED_LUA } from "./lua.generated.js";

const FOLDER = new URL("./", import.meta.url);
// The folders of scripts, each beside its typed twin. `lib` contains the Lua that they share.
const GROUPS = ["lifecycle", "reading", "schedules", "upkeep"];
// The TypeScript files that the twins share.
const SHARED = ["listed", "settle"];

const files = GROUPS.flatMap((group) => readdirSync(new URL(`${group}/`, FOLDER)).map((file) => `${group}/${file}`));
const paths = files.filter((file) => file.endsWith(".lua")).sort();
const scripts = paths.map((path) => basename(path, ".lua"));
const texts = new Map(paths.map((path) => [basename(path, ".lua"), readFileSync(new URL(path, FOLDER), "utf8")]));
const textOf = (name: string): string => texts.get(name) ?? "";

test("every script has its TypeScript file beside it, and every row of the lifecycle has a script", () => {
  const twins = files.filter((file) => file.endsWith(".ts") && !SHARED.includes(basename(file, ".ts")));

  expect(twins.sort()).toEqual(paths.map((path) => path.replace(".lua", ".ts")));
  expect(scripts).toEqual(expect.arrayContaining(Object.keys(LIFECYCLE)));
});

test("every script that may wake workers knows whether the queue is paused", () => {
  const unaware = Object.entries(SCRIPTS)
    .map(([name, script]) => [name, composeLua(script, SHARED_LUA)] as const)
    .filter(([, text]) => text.includes("local function ring("))
    .filter(([, text]) => !text.includes("local function read_clock(") && !text.includes("is_paused = redis.call("));

  // It has just removed the mark.
  expect(unaware.map(([name]) => name)).toEqual(["resume"]);
});

test("every argument of a job that the scripts read is sent under that name", () => {
  const [, , line, atCreation] = jobArguments([
    {
      ...{ id: "resize_1", kind: "resize", input: "{}", attempts: 3, version: 1, priority: "low", tags: ["eu"] },
      ...{
        owner: "ann",
        depth: 1,
        limitKeys: { concurrency: "c", rate: "r" },
        quota: { account: "a", jobs: 1, bytes: 1 },
      },
      ...{ delayMs: 1, runAt: new Date(1), startWithinMs: 1, idempotencyKey: "i", uniqueKey: "u" },
    },
  ]).map(String);
  const sent = [...Object.keys(recordFields({ job: `1 ${line}` })), ...(atCreation?.match(/^\w+(?==)/gm) ?? [])];
  const made = ["id", "input", "line", "due", "start_by", "status"];
  const store = readFileSync(new URL("lib/store.lua", FOLDER), "utf8");

  const asked = [store, ...texts.values()].flatMap((text) => [...text.matchAll(/\bspec\.(\w+)/g)]);

  expect(new Set(sent).size).toBe(sent.length);
  expect([...sent, ...made]).toEqual(expect.arrayContaining(asked.map(([, name]) => name)));
});

test("the generated file has the current text of the Lua files", () => {
  expect(readFileSync(new URL("lua.generated.ts", FOLDER), "utf8")).toBe(generateLua());
});

test.each(scripts)(
  "%s declares its flags on the first line, and describes itself and its reply in the header",
  (name) => {
    const [shebang, title] = textOf(name).split("\n");

    expect(shebang).toMatch(/^#!lua( flags=(allow-oom|no-writes))?$/);
    expect(title).toMatch(new RegExp(`^-- ${name}: `));
    expect(textOf(name)).toContain("\n-- Reply ");
  },
);

test.each(scripts)("%s binds KEYS and ARGV to names before it uses them", (name) => {
  const code = textOf(name)
    .split("\n")
    .filter((line) => !line.trim().startsWith("--"))
    .filter((line) => /\b(ARGV|KEYS)\b/.test(line));

  for (const line of code) {
    expect(line, `${name}: ${line}`).toMatch(
      /^\s*(local [\w, ]+ =|\w+(, \w+)* =|unpack\(ARGV|for i = \d+, #ARGV|\{ set = |read_clock|redis\.call\('HMGET')|^\s+if .*#?ARGV\[i\]|^\s+(append|bytes)/,
    );
  }
});

test("no script searches for keys, reads the clock twice, or builds code from text", () => {
  for (const name of scripts) {
    const code = textOf(name).replace(/--.*$/gm, "");
    expect(code).not.toMatch(/loadstring|load\(|dofile|'(KEYS|SCAN|FLUSHALL|EVAL|TIME)'/);
    expect(code.match(/read_clock\(/g)?.length ?? 0).toBeLessThanOrEqual(1);
  }
});

test("a script publishes after its last write", () => {
  for (const name of scripts) {
    const after = textOf(name)
      .split("finish()")
      .slice(1)
      .map((rest) => rest.split("\n  return ")[0])
      .join("");
    expect(after, name).not.toMatch(
      /'(HSET|HDEL|DEL|SET|ZADD|ZREM|LPUSH|RPUSH|HINCRBY|LSET|LTRIM)'|\bmove\(|\brevise\(|\bkeep_clock\(/,
    );
  }
});
