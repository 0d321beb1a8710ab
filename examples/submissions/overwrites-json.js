// problem: sum
// expect: wrong_answer
// Replaces built-ins such as JSON. The judge uses the originals from before the program started.
JSON.stringify = () => "6";
JSON.parse = () => ({ numbers: [] });
Number.prototype.valueOf = () => 6;
globalThis.JSON = { stringify: () => "6", parse: () => 6 };
console.log = () => JSON.stringify();

function solve() {
  return 7;
}
