const FIRST_MS = 250;
const MAX_MS = 10_000;

/** Returns the delay in ms after try `n`, counted from 0. It doubles from 250 ms up to 10 s, minus a random part of up to one half. */
export function backoffMs(n: number): number {
  const cap = Math.min(MAX_MS, FIRST_MS * 2 ** n);
  return cap / 2 + (Math.random() * cap) / 2;
}
