import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readLuaFiles } from "../packages/telltale/build/lua-files.mjs";
import { KEY_TYPES, queueKeys } from "../packages/telltale/src/queue/redis/keys.js";
import { MUTANTS } from "../packages/telltale/test/queue/mutants/list.js";

const ROOT = new URL("../", import.meta.url);
const textOf = (file: string): string => readFileSync(new URL(file, ROOT), "utf8");
const planted = (number: string | number): string => {
  const { length } = MUTANTS.filter(({ guarantee }) => guarantee === `G${number}`);
  return length === 0 ? "" : String(length);
};
// `TELLTALE_WRITE_PAGE=1 npm test -- test/protocol-page.test.ts` updates the counts of planted faults.
if (process.env.TELLTALE_WRITE_PAGE !== undefined) {
  const counted = textOf("docs/protocol.md").replace(
    /^(\| G(\d+) \|.*\| )[^|]*\|$/gm,
    (_row, before: string, number: string) => `${before}${planted(number)} |`,
  );
  writeFileSync(new URL("docs/protocol.md", ROOT), counted);
}
const page = textOf("docs/protocol.md");

test("the page lists every key of the scripts with its type, and every key name that a script builds", () => {
  const lua = [...readLuaFiles().values()].join("\n");
  const built = [...lua.matchAll(/prefix \.\. '(\w+:?)/g)].map(([, name = ""]) => name);
  expect(built.length).toBeGreaterThan(10);

  for (const [i, key] of queueKeys("p", "q").all.entries()) {
    const name = `\`${key.replace("p:{q}:", "")}\``;
    const row = page.split("\n").find((line) => line.startsWith("| `") && line.split(" | ")[0]?.includes(name));
    expect(row?.split(" | ")[1], name).toBe(KEY_TYPES[i]);
  }
  const own = queueKeys("p", "q").all.map((key) => key.replace("p:{q}:", ""));
  for (const name of built.filter((one) => !own.some((key) => key.startsWith(one))))
    expect(page).toContain(name.endsWith(":") ? `\`${name}<` : `\`${name}\``);
});

test("every script has one row, which shows its behaviour on a full Redis", () => {
  const scripts = [...readLuaFiles()].filter(([name]) => !name.startsWith("lib/"));
  const rows =
    page
      .split("\n## Scripts\n")[1]
      ?.split("\n## ")[0]
      ?.match(/^\| `.*$/gm) ?? [];
  expect(rows).toHaveLength(scripts.length);

  for (const [name, text] of scripts) {
    const flags = /^#!lua(?: flags=(\S+))?/.exec(text)?.[1];
    const holding = rows.filter((row) => row.startsWith(`| \`${name}\` |`));
    expect(holding, name).toHaveLength(1);
    expect(holding[0]?.split(" | ")[2], name).toBe(flags === undefined ? "rejected" : `\`${flags}\``);
  }
});

test("every file that the page names exists", () => {
  const files = [...page.matchAll(/`((?:packages|apps|test|scripts)\/[\w./-]+\.\w+)`/g)].map(([, file = ""]) => file);
  const links = [...page.matchAll(/\]\(([\w./-]+)\)/g)].map(([, file = ""]) => `docs/${file}`);
  expect(files.length).toBeGreaterThan(30);

  for (const file of [...files, ...links]) expect(existsSync(new URL(file, ROOT)), file).toBe(true);
});

describe.each(Array.from({ length: 31 }, (_, i) => i + 1))("G%d", (number) => {
  const [row = "", ...more] = page.split("\n").filter((line) => line.startsWith(`| G${number} |`));

  test("has one row, and the tests that it names exist", () => {
    const tests = [...row.matchAll(/`([\w./-]+\.test\.ts)`: "([^"]+)"/g)];

    expect(more).toEqual([]);
    expect(tests.length).toBeGreaterThan(0);
    for (const [, file = "", name = ""] of tests) expect(textOf(file), file).toContain(name);
    for (const [, rule] of row.matchAll(/`(g\d\d-[\w-]+)`/g)) {
      expect(existsSync(new URL(`apps/chaos/src/checker/${rule}.ts`, ROOT)), rule).toBe(true);
    }
  });

  test("shows how many faults are planted against it", () => {
    expect(row.split("|").at(-2)?.trim()).toBe(planted(number));
  });
});
