const FIRST_MS = 250;
const MAX_MS = 10_000;

/** The delay after try `n`, from 0: 250 ms, doubling up to 10 s. The upper half of it is random. */
export function backoffMs(n: number): number {
  const cap = Math.min(MAX_MS, FIRST_MS * 2 ** n);
  return cap / 2 + (Math.random() * cap) / 2;
}
