// problem: sum
// expect: accepted
// The shortest way to a full mark.
function solve({ numbers }) {
  return numbers.reduce((total, number) => total + number, 0);
}
