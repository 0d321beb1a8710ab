const TOTALS = ["total", "of", "max", "count"] as const;
const PERCENTAGES = ["percent", "percentage", "pct"] as const;

/** How far along a report of progress says a job is. */
export interface ProgressShare {
  /** 0 to 1. */
  readonly share: number;
  /** In the report's own numbers. */
  readonly text: string;
}

/**
 * Reads a report whose contract is not known: a percentage, or one number beside a total (`{ done: 3, of: 20 }`). Null
 * where a report says neither, or more than one thing.
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
