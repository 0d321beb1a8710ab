const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
] as const;

/** Formats a duration in its largest unit, rounded down: `3m`, `5d`. */
export function span(ms: number): string {
  const [unit, size] = UNITS.find(([, size]) => ms >= size) ?? ["s", 1_000];
  return `${Math.floor(Math.max(ms, 0) / size)}${unit}`;
}

/** Formats a duration exactly, so that it can be parsed again, in the largest possible unit: `90m`, `1500ms`. */
export function exactSpan(ms: number): string {
  const [unit, size] = UNITS.find(([, size]) => ms >= size && ms % size === 0) ?? ["ms", 1];
  return `${ms / size}${unit}`;
}

/** Formats an elapsed time: `0.4 s`, `12.3 s`, `2m 05s`. */
export function took(ms: number): string {
  if (ms < 60_000) return `${(Math.max(ms, 0) / 1_000).toFixed(1)} s`;
  const seconds = Math.floor(ms / 1_000);
  const rest = String(seconds % 60).padStart(2, "0");
  return seconds < 3_600 ? `${Math.floor(seconds / 60)}m ${rest}s` : span(ms);
}

/** Formats a duration that may be short: `12 ms`, `1.2 s`, `2m 05s`. */
export function duration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : took(ms);
}
