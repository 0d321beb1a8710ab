// problem: sum
// expect: runtime_error
// A function that is created this way also runs in the sandbox, where process does not exist.
function solve(input) {
  const escape = input.constructor.constructor("return process")();
  return escape.env;
}
