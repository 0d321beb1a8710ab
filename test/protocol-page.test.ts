import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { queueKeys } from "../packages/queue/src/keys.js";
import { MUTANTS } from "../packages/queue/test/mutants/list.js";

const ROOT = new URL("../", import.meta.url);
const textOf = (file: string): string => readFileSync(new URL(file, ROOT), "utf8");
const planted = (number: string | number): string => {
  const { length } = MUTANTS.filter(({ guarantee }) => guarantee === `G${number}`);
  return length === 0 ? "" : String(length);
};
// `TELLTALE_WRITE_PAGE=1 npm test -- test/protocol-page.test.ts` brings the counts of planted faults up to date.
if (process.env.TELLTALE_WRITE_PAGE !== undefined) {
  const counted = textOf("docs/protocol.md").replace(
    /^(\| G(\d+) \|.*\| )[^|]*\|$/gm,
    (_row, before: string, number: string) => `${before}${planted(number)} |`,
  );
  writeFileSync(new URL("docs/protocol.md", ROOT), counted);
}
const page = textOf("docs/protocol.md");

test("every key that the scripts are given is on the page, and every one they build", () => {
  const built = [...textOf("packages/queue/lua/lib/keys.lua").matchAll(/prefix \.\. '(\w+):'/g)].map(
    ([, name]) => name,
  );
  expect(built.length).toBeGreaterThan(8);

  for (const key of queueKeys("p", "q").all) expect(page).toContain(`\`${key.replace("p:{q}:", "")}\``);
  for (const name of built) expect(page).toContain(`\`${name}:<`);
});

test("every script is in one row of its table, the one that its first line says", () => {
  const rows = page.split("\n").filter((line) => /^\| (refused|run): /.test(line));
  const scripts = readdirSync(new URL("packages/queue/lua/", ROOT)).filter((name) => name.endsWith(".lua"));

  for (const file of scripts) {
    const flags = /^#!lua(?: flags=(\S+))?/.exec(textOf(`packages/queue/lua/${file}`))?.[1] ?? "refused";
    const holding = rows.filter((row) => row.includes(`\`${file.replace(".lua", "")}\``));
    expect(holding, file).toHaveLength(1);
    expect(holding[0], file).toContain(flags);
  }
});

describe.each(Array.from({ length: 31 }, (_, i) => i + 1))("G%d", (number) => {
  const [row = "", ...more] = page.split("\n").filter((line) => line.startsWith(`| G${number} |`));

  test("has a row whose tests exist under the names they are given", () => {
    const tests = [...row.matchAll(/`([\w./-]+\.test\.ts)`: "([^"]+)"/g)];

    expect(more).toEqual([]);
    expect(tests.length).toBeGreaterThan(0);
    for (const [, file = "", name = ""] of tests) expect(textOf(file), file).toContain(name);
    for (const [, rule] of row.matchAll(/`(g\d\d-[\w-]+)`/g)) {
      expect(existsSync(new URL(`apps/chaos/src/checker/${rule}.ts`, ROOT)), rule).toBe(true);
    }
  });

  test("says how many faults are planted against it", () => {
    expect(row.split("|").at(-2)?.trim()).toBe(planted(number));
  });
});
