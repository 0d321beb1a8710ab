// problem: sum
// expect: accepted
// The simplest program that passes all tests.
function solve({ numbers }) {
  return numbers.reduce((total, number) => total + number, 0);
}
