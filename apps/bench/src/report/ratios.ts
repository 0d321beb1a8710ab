import type { Contender } from "../contenders/contender.js";
import { isContender } from "../contenders/contender.js";
import type { Spread } from "../measure/spread.js";
import type { Figure } from "../rows/row.js";

type Measured = Readonly<Partial<Record<Contender, Spread>>>;

/** How many times better Telltale is than each of the others: above 1, Telltale is ahead, whatever the unit. */
export function ratiosOf({ better }: Figure, measured: Measured): Partial<Record<Contender, number>> {
  const ours = measured.telltale?.median;
  const ratios: Partial<Record<Contender, number>> = {};
  if (ours === undefined) return ratios;
  for (const [name, spread] of Object.entries(measured)) {
    if (name === "telltale" || !isContender(name)) continue;
    // An idle contender may send nothing at all. There is no ratio to nothing.
    if (ours === 0 || spread.median === 0) continue;
    const ratio = better === "higher" ? ours / spread.median : spread.median / ours;
    ratios[name] = Number(ratio.toPrecision(3));
  }
  return ratios;
}
