import { readdirSync, readFileSync } from "node:fs";
import { LIFECYCLE } from "@telltale/core";
import { expect, test } from "vitest";

const LUA = new URL("../lua/", import.meta.url);
const ACTIONS = new URL("./actions/", import.meta.url);
// Not actions: what the settling ones share, and the listing ones.
const SHARED = ["listed", "settle"];

const names = (folder: URL, end: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(end) && !name.includes(".test."))
    .map((name) => name.slice(0, -end.length))
    .sort();

const scripts = names(LUA, ".lua");
const textOf = (name: string): string => readFileSync(new URL(`${name}.lua`, LUA), "utf8");

test("every action has its script and every script its action, and every row of the lifecycle both", () => {
  expect(names(ACTIONS, ".ts").filter((name) => !SHARED.includes(name))).toEqual(scripts);
  expect(scripts).toEqual(expect.arrayContaining(Object.keys(LIFECYCLE)));
});

test.each(scripts)("%s says what it is, and on its first line what it may do", (name) => {
  const [shebang, title] = textOf(name).split("\n");

  expect(shebang).toMatch(/^#!lua( flags=(allow-oom|no-writes))?$/);
  expect(title).toMatch(new RegExp(`^-- ${name}: `));
  expect(textOf(name)).toContain("\n-- Reply ");
});

test.each(scripts)("%s gives names to what it was given before it uses it", (name) => {
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

test("no script names a key of its own making, reads the clock twice, or builds code from text", () => {
  for (const name of scripts) {
    const code = textOf(name).replace(/--.*$/gm, "");
    expect(code).not.toMatch(/loadstring|load\(|dofile|'(KEYS|SCAN|FLUSHALL|EVAL|TIME)'/);
    expect(code.match(/read_clock\(/g)?.length ?? 0).toBeLessThanOrEqual(1);
  }
});

test("what a script says is said after everything is written", () => {
  for (const name of scripts) {
    const after = textOf(name)
      .split("publish_all()")
      .slice(1)
      .map((rest) => rest.split("\n  return ")[0])
      .join("");
    expect(after, name).not.toMatch(
      /'(HSET|HDEL|DEL|SET|ZADD|ZREM|LPUSH|RPUSH|HINCRBY|LSET|LTRIM)'|\bmove\(|\brevise\(|\bkeep_clock\(/,
    );
  }
});
