import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CHARTS } from "../src/report/all-charts.js";
import { pageOf } from "../src/report/page.js";
import { committedResults } from "../src/report/results.js";
import { ROWS } from "../src/rows/all.js";

const docs = (file: string): string => readFileSync(new URL(`../../../docs/${file}`, import.meta.url), "utf8");

test("docs/benchmarks.md is what the committed results say; `npm run bench -- --page` writes it", () => {
  expect(docs("benchmarks.md")).toBe(pageOf(committedResults()));
});

test("every figure of every row has committed results", () => {
  const named = ROWS.flatMap((row) => row.figures.map(({ name }) => name));

  expect(Object.keys(committedResults().figures).sort()).toEqual(named.sort());
});

test("the page's charts exist, and can be read on light and dark pages", () => {
  for (const { file, title } of CHARTS) {
    const svg = docs(`benchmarks/${file}`);

    expect(svg).toContain(title);
    expect(svg).not.toMatch(/fill="(#000|#fff|#333|black|white)/);
  }
});
