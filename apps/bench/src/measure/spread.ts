/** What the rounds of a figure gave. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Returns the median, minimum and maximum. Throws for no values: a figure without rounds was not measured. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined) throw new Error("There is no spread of no values");
  const below = sorted[(sorted.length - 1) >> 1] ?? min;
  const above = sorted[sorted.length >> 1] ?? max;
  return { median: (below + above) / 2, min, max };
}
