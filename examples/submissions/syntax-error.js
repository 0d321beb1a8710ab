// problem: sum
// expect: compile_error
// A closing parenthesis is missing, so none of the program runs.
function solve({ numbers }) {
  return numbers.reduce((total, number) => total + number, 0;
}
