// problem: sum
// expect: memory_limit
// Allocates memory until the limit of 64 MB is reached.
function solve() {
  const kept = [];
  for (;;) kept.push(new Uint8Array(1_000_000).fill(kept.length));
}
