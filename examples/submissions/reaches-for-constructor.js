// problem: sum
// expect: runtime_error
// Every function made this way belongs to the sandbox as well, where process does not exist.
function solve(input) {
  const escape = input.constructor.constructor("return process")();
  return escape.env;
}
