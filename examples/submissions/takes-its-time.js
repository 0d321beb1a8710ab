// problem: roman-numerals
// expect: accepted
// Takes 300 ms per test and prints its progress. That is long enough to watch and far below the limit of 2 s.
function solve({ numeral }) {
  const values = { I: 1, V: 5, X: 10, L: 50, C: 100, D: 500, M: 1000 };
  const until = Date.now() + 300;
  for (let third = 1; third <= 3; third++) {
    while (Date.now() < until - 300 + third * 100) {
      // Busy.
    }
    console.log(`${numeral}: ${third} of 3`);
  }
  let total = 0;
  for (let i = 0; i < numeral.length; i++) {
    const value = values[numeral[i]];
    total += value < (values[numeral[i + 1]] ?? 0) ? -value : value;
  }
  return total;
}
