import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { bin, root } from "./lib/bin.mjs";
import { run } from "./lib/run.mjs";
import { setup } from "./lib/setup.mjs";

// npm run chaos:model -- --runs N --seed S: runs the model test of the scripts with N programs. pnpm passes
// on the `--`.
const given = process.argv.slice(2);
// A seed may be negative, but parseArgs reads `--seed -5` as two options.
const args = (given[0] === "--" ? given.slice(1) : given).flatMap((arg, i, all) => {
  if (all[i - 1] === "--seed" && /^-\d+$/.test(arg)) return [];
  return arg === "--seed" && /^-\d+$/.test(all[i + 1] ?? "") ? [`--seed=${all[i + 1]}`] : [arg];
});
const options = { runs: { type: "string", default: "5000" }, seed: { type: "string" } };

let values;
try {
  ({ values } = parseArgs({ args, options }));
} catch (error) {
  refuse(error.message);
}
const runs = whole("--runs", values.runs, 1);
const seed = values.seed === undefined ? randomInt(2 ** 31) : whole("--seed", values.seed, -(2 ** 31));

await setup();
console.log(`${runs} programs, seed ${seed}`);
process.exitCode = await run(process.execPath, [bin("vitest"), "run", "packages/telltale/test/queue/model.test.ts"], {
  cwd: root,
  env: { ...process.env, TELLTALE_MODEL_RUNS: String(runs), TELLTALE_MODEL_SEED: String(seed) },
});
console.log(
  `${process.exitCode === 0 ? "passed" : "failed"}; repeat with: npm run chaos:model -- --runs ${runs} --seed ${seed}`,
);

function whole(name, text, least) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < least || number >= 2 ** 31 || text === "") {
    refuse(`${name} must be a whole number of at least ${least}, not ${JSON.stringify(text)}`);
  }
  return number;
}

function refuse(message) {
  console.error(message);
  process.exit(2);
}
