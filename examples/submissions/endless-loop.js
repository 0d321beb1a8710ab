// problem: sum
// expect: time_limit
// Never comes back; other submissions do not notice.
function solve({ numbers }) {
  let total = 0;
  for (let i = 0; i < numbers.length; ) total += numbers[i];
  return total;
}
