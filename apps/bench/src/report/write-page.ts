import { mkdirSync, writeFileSync } from "node:fs";
import { CHARTS } from "./all-charts.js";
import { svgOf } from "./charts.js";
import { pageOf } from "./page.js";
import type { Results } from "./results.js";

const DOCS = new URL("../../../../docs/", import.meta.url);

/** Writes docs/benchmarks.md and its charts. */
export function writePage(results: Results): void {
  const charts = new URL("benchmarks/", DOCS);
  mkdirSync(charts, { recursive: true });
  writeFileSync(new URL("benchmarks.md", DOCS), pageOf(results));
  for (const chart of CHARTS) {
    const svg = svgOf(chart, results);
    if (svg !== null) writeFileSync(new URL(chart.file, charts), svg);
  }
}
