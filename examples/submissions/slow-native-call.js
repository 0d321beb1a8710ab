// problem: sum
// expect: time_limit
// One call that takes far too long: the interpreter cannot interrupt it, so its thread is ended instead.
function solve() {
  return Array(4_000_000_000 - 1).indexOf(1);
}
