import type { Screen } from "./screen.js";

const MAX_BAR = 40;

/** Draws a progress bar. `share` is from 0 to 1. */
export function bar(share: number, columns: number, palette: Screen["palette"]): string {
  const width = Math.min(MAX_BAR, Math.floor(columns / 3));
  const full = Math.round(share * width);
  return palette.green("█".repeat(full)) + palette.dim("░".repeat(width - full));
}
