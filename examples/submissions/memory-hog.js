// problem: sum
// expect: memory_limit
// Keeps all it makes until 64 MB are full.
function solve() {
  const kept = [];
  for (;;) kept.push(new Uint8Array(1_000_000).fill(kept.length));
}
