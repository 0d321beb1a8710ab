// problem: two-sum
// expect: wrong_answer
// Changes built-in prototypes. The answers are compared outside the sandbox, where the originals are in place.
Object.prototype.toJSON = () => [0, 1];
Object.prototype.verdict = "accepted";
Object.defineProperty(Object.prototype, "kind", { get: () => "accepted" });
Array.prototype.every = () => true;
Array.prototype.includes = () => true;
Object.is = () => true;

function solve() {
  return { verdict: "accepted", passed: 7, total: 7 };
}
