/** ± 20 %, so that a fleet that was started or cut off together does not act together. */
export function jittered(ms: number): number {
  return ms * (0.8 + Math.random() * 0.4);
}

/** How long to wait before the repeat after `failures` failures, ms: up to 50, doubling, at most 1 s. */
export function repeatDelayMs(failures: number): number {
  return jittered(Math.min(50 * 2 ** Math.min(failures, 10), 1_000));
}
