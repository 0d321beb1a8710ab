import type { Unit } from "../rows/row.js";

const THREE_DIGITS = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });

/** A value with three digits and its unit, as tables show it: "8,970", "1.08 ms", "57 µs". */
export function inUnit(value: number, unit: Unit): string {
  const number = THREE_DIGITS.format(value);
  return unit === "ms" || unit === "µs" || unit === "KB" ? `${number} ${unit}` : number;
}
