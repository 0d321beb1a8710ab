// problem: sum
// expect: runtime_error
// There is no process object, so there is no environment and no exit.
function solve({ numbers }) {
  console.log(process.env);
  process.exit(0);
  return numbers.length;
}
