// problem: merge-intervals
// expect: accepted
// Its output arrives while it runs, test by test.
function solve({ intervals }) {
  console.log(`${intervals.length} intervals`, intervals.slice(0, 3));
  const merged = [];
  for (const [start, end] of intervals.sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  console.log(`merged into ${merged.length}`);
  return merged;
}
