// problem: two-sum
// expect: accepted
// One pass with a map, so that the large hidden test is as fast as the others.
function solve({ numbers, target }) {
  const seenAt = new Map();
  for (const [index, number] of numbers.entries()) {
    const partner = seenAt.get(target - number);
    if (partner !== undefined) return [index, partner];
    seenAt.set(number, index);
  }
}
