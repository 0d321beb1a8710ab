// problem: sum
// expect: wrong_answer
// import() finds no module, and a promise of one is no answer.
function solve() {
  return import("node:fs").then((fs) => fs.readFileSync("/etc/hostname", "utf8"));
}
