const BARS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;

/**
 * Formats numbers as a line of bars, one character each. The largest number is the highest bar. Zero is a space, and everything else is at
 * least the lowest bar, so that a single failure can be seen.
 */
export function sparkline(values: readonly number[]): string {
  const most = Math.max(0, ...values);
  return values
    .map((value) => (value > 0 ? (BARS[Math.ceil((value / most) * BARS.length) - 1] ?? BARS[0]) : " "))
    .join("");
}
