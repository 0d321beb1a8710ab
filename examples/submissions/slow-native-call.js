// problem: sum
// expect: time_limit
// A native call that takes too long. The interpreter cannot interrupt it, so its thread is terminated.
function solve() {
  return Array(4_000_000_000 - 1).indexOf(1);
}
