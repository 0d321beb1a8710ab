const FIRST_MS = 250;
const MAX_MS = 10_000;

/** How long to wait before try `n` (from 0) is repeated: 250 ms doubling to 10 s, of which the upper half is random. */
export function backoffMs(n: number): number {
  const cap = Math.min(MAX_MS, FIRST_MS * 2 ** n);
  return cap / 2 + (Math.random() * cap) / 2;
}
