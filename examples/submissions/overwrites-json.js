// problem: sum
// expect: wrong_answer
// Replaces JSON and equality with its own; the judge uses those from before the program began.
JSON.stringify = () => "6";
JSON.parse = () => ({ numbers: [] });
Number.prototype.valueOf = () => 6;
globalThis.JSON = { stringify: () => "6", parse: () => 6 };
console.log = () => JSON.stringify();

function solve() {
  return 7;
}
