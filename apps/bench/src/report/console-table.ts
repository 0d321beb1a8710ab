import { CONTENDERS, type Contender, isContender } from "../contenders/contender.js";
import type { Spread } from "../measure/spread.js";
import type { Figure } from "../rows/row.js";
import { inUnit } from "./in-unit.js";
import { ratiosOf } from "./ratios.js";
import { targetOf, verdictOf } from "./verdict.js";

/** The lines of one figure for a terminal: each contender with its median, minimum and maximum, and how Telltale compares. */
export function figureLines(figure: Figure, measured: Readonly<Partial<Record<Contender, Spread>>>): string[] {
  const ratios = ratiosOf(figure, measured);
  const verdict = verdictOf(figure, measured);
  const target = verdict === "none" ? "" : `   ${targetOf(figure, figure.required)}: ${verdict}`;
  const lines = [`${figure.title} (${figure.unit})${target}`];
  for (const [name, { median, min, max }] of Object.entries(measured)) {
    if (!isContender(name)) continue;
    const spread = `(${inUnit(min, figure.unit)} to ${inUnit(max, figure.unit)})`;
    const ratio = ratios[name] === undefined ? "" : `Telltale is ${ratios[name]} times as good`;
    lines.push(
      `  ${CONTENDERS[name].label.padEnd(12)} ${inUnit(median, figure.unit).padStart(10)}  ${spread.padEnd(26)} ${ratio}`.trimEnd(),
    );
  }
  return lines;
}
