// problem: sum
// expect: compile_error
// Lacks a closing parenthesis, so nothing of it runs.
function solve({ numbers }) {
  return numbers.reduce((total, number) => total + number, 0;
}
