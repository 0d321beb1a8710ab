// problem: sum
// expect: runtime_error
// There is no require, so there are no files and no network.
function solve() {
  return require("node:child_process").execSync("id").toString();
}
