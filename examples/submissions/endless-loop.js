// problem: sum
// expect: time_limit
// Never ends, and does not disturb other submissions.
function solve({ numbers }) {
  let total = 0;
  for (let i = 0; i < numbers.length; ) total += numbers[i];
  return total;
}
