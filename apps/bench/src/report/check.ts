import { CONTENDERS, isContender } from "../contenders/contender.js";
import type { Results } from "./results.js";

/** A ratio may drop to this part of the committed one. The rest is noise between machines and runs. */
const LEAST = 0.75;

/** Returns a line for each ratio that dropped by more than a quarter. */
export function droppedRatios(committed: Pick<Results, "ratios">, now: Pick<Results, "ratios">): string[] {
  const dropped: string[] = [];
  for (const [figure, ratios] of Object.entries(now.ratios)) {
    for (const [name, ratio] of Object.entries(ratios)) {
      if (!isContender(name)) continue;
      const before = committed.ratios[figure]?.[name];
      if (before === undefined || ratio >= before * LEAST) continue;
      dropped.push(`${figure}: Telltale to ${CONTENDERS[name].label} is ${ratio}, and was ${before}`);
    }
  }
  return dropped;
}
