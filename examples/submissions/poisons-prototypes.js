// problem: two-sum
// expect: wrong_answer
// Bends every prototype it finds; the answers are compared where none of them exist.
Object.prototype.toJSON = () => [0, 1];
Object.prototype.verdict = "accepted";
Object.defineProperty(Object.prototype, "kind", { get: () => "accepted" });
Array.prototype.every = () => true;
Array.prototype.includes = () => true;
Object.is = () => true;

function solve() {
  return { verdict: "accepted", passed: 7, total: 7 };
}
