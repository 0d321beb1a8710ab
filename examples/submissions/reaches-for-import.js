// problem: sum
// expect: wrong_answer
// import() finds no module, and a promise is not a valid answer.
function solve() {
  return import("node:fs").then((fs) => fs.readFileSync("/etc/hostname", "utf8"));
}
