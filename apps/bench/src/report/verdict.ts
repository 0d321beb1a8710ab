import { CONTENDERS, type Contender } from "../contenders/contender.js";
import type { Spread } from "../measure/spread.js";
import type { Bound, Figure } from "../rows/row.js";
import { inUnit } from "./in-unit.js";

type Measured = Readonly<Partial<Record<Contender, Spread>>>;

export type Verdict = "stretch met" | "met" | "missed" | "none";

/** Whether the medians reach what the figure must reach. "none" if nothing is required or what it compares with was not measured. */
export function verdictOf(figure: Figure, measured: Measured): Verdict {
  const required = reaches(figure, figure.required, measured);
  if (required === undefined) return "none";
  if (!required) return "missed";
  return reaches(figure, figure.stretch, measured) ? "stretch met" : "met";
}

function reaches({ better }: Figure, bounds: readonly Bound[] | undefined, measured: Measured): boolean | undefined {
  const ours = measured.telltale?.median;
  if (!bounds || ours === undefined) return undefined;
  let holds = true;
  for (const bound of bounds) {
    const wanted = "limit" in bound ? bound.limit : (measured[bound.of]?.median ?? Number.NaN) * bound.factor;
    if (Number.isNaN(wanted)) return undefined;
    holds &&= better === "higher" ? ours >= wanted : ours <= wanted;
  }
  return holds;
}

/** A target in words, such as "at least 2 × BullMQ". */
export function targetOf({ better, unit }: Figure, bounds: readonly Bound[] | undefined): string {
  if (!bounds) return "";
  const sign = better === "higher" ? "≥" : "≤";
  const each = bounds.map((bound) =>
    "limit" in bound ? inUnit(bound.limit, unit) : `${bound.factor} × ${CONTENDERS[bound.of].label}`,
  );
  return `${sign} ${each.join(", ")}`;
}
