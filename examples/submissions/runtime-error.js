// problem: word-count
// expect: runtime_error
// Passes the first tests, and throws for a text without words.
function solve({ text }) {
  const counts = {};
  for (const word of text.toLowerCase().match(/[a-z]+/g)) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
