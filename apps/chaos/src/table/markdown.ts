import type { Counts } from "../checker/counts.js";
import type { Durability } from "../durability.js";

/** One cell of the fault table: the sum of its runs. */
export interface Cell {
  readonly fault: string;
  readonly durability: Durability;
  readonly runs: number;
  readonly counts: Counts;
  readonly violations: number;
}

const COLUMNS = {
  submitted: "submitted",
  acknowledged: "acknowledged",
  lost: "lost",
  unknown: "unknown",
  executed: "executed",
  duplicates: "duplicates",
  "late ends": "lateEnds",
} as const satisfies Record<string, string>;

/** Formats the cells as a Markdown table, one per row. */
export function toMarkdown(cells: readonly Cell[]): string {
  const numbers = [...Object.keys(COLUMNS), "violations"];
  const line = (words: readonly (string | number)[]): string => `| ${words.join(" | ")} |`;
  return [
    line(["fault", "durability", "runs", ...numbers]),
    line(["---", "---", "--:", ...numbers.map(() => "--:")]),
    ...cells.map(({ fault, durability, runs, counts, violations }) =>
      line([fault, durability, runs, ...Object.values(COLUMNS).map((name) => counts[name] ?? 0), violations]),
    ),
  ].join("\n");
}
