const TOTALS = ["total", "of", "max", "count"] as const;
const PERCENTAGES = ["percent", "percentage", "pct"] as const;

/** How much of its work a job has done, according to a progress report. */
export interface ProgressShare {
  /** From 0 to 1. */
  readonly share: number;
  /** The share in the report's own numbers, such as `3/20`. */
  readonly text: string;
}

/**
 * Reads a progress report whose schema is not known. It must have a percentage, or one number and a total
 * (`{ done: 3, of: 20 }`). Returns null if it has neither or if it is ambiguous.
 */
export function progressShare(progress: unknown): ProgressShare | null {
  if (typeof progress !== "object" || progress === null) return null;
  const numbers = new Map(Object.entries(progress).filter((entry): entry is [string, number] => isAmount(entry[1])));
  const percentage = PERCENTAGES.find((name) => numbers.has(name));
  if (percentage !== undefined) {
    const share = (numbers.get(percentage) ?? 0) / 100;
    return share <= 1 ? { share, text: `${Math.round(share * 100)} %` } : null;
  }
  const total = TOTALS.find((name) => numbers.has(name));
  if (total === undefined || numbers.size !== 2) return null;
  const whole = numbers.get(total) ?? 0;
  const [, part = 0] = [...numbers].find(([name]) => name !== total) ?? [];
  if (part > whole) return null;
  return { share: whole === 0 ? 1 : part / whole, text: `${part}/${whole}` };
}

function isAmount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
