import { CONTENDERS, isContender } from "../contenders/contender.js";
import type { Figure } from "../rows/row.js";
import type { Results } from "./results.js";

/** A ratio may drop to this part of the committed one. The rest is noise between machines and runs. */
const LEAST = 0.75;

/** Returns a line for each ratio that dropped by more than a quarter. Those of noisy figures, such as a p99, are not compared. */
export function droppedRatios(
  figures: readonly Figure[],
  { committed, now }: Readonly<Record<"committed" | "now", Pick<Results, "ratios">>>,
): string[] {
  const dropped: string[] = [];
  for (const { name: figure } of figures.filter(({ isNoisy }) => !isNoisy)) {
    for (const [name, ratio] of Object.entries(now.ratios[figure] ?? {})) {
      if (!isContender(name)) continue;
      const before = committed.ratios[figure]?.[name];
      if (before === undefined || ratio >= before * LEAST) continue;
      dropped.push(`${figure}: Telltale to ${CONTENDERS[name].label} is ${ratio}, and was ${before}`);
    }
  }
  return dropped;
}
