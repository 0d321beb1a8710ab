import { parseArgs } from "node:util";
import { bin, root } from "./lib/bin.mjs";
import { run } from "./lib/run.mjs";
import { setup } from "./lib/setup.mjs";

const HELP = `npm run chaos:scale -- --jobs N

Fills a private Redis with N jobs in every place (waiting, scheduled, leased, cancelled in front of a live one, behind
limits per key), runs every operation on them, and prints how long the calls took. Fails if a script takes more than
10 ms. N is a multiple of 1000. The default is one million, which needs about 2 GB of memory.`;

const given = process.argv.slice(2);
const options = { jobs: { type: "string", default: "1000000" }, help: { type: "boolean", short: "h" } };

let values;
try {
  ({ values } = parseArgs({ args: given[0] === "--" ? given.slice(1) : given, options }));
} catch (error) {
  refuse(error.message);
}
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const jobs = Number(values.jobs);
if (!Number.isInteger(jobs) || jobs < 1_000 || jobs % 1_000 !== 0 || jobs > 10_000_000) {
  refuse(`--jobs must be a multiple of 1000 up to ten million, not ${JSON.stringify(values.jobs)}`);
}

await setup();
console.log(`${jobs} jobs`);
process.exitCode = await run(process.execPath, [bin("vitest"), "run", "packages/telltale/test/queue/scale.test.ts"], {
  cwd: root,
  env: { ...process.env, TELLTALE_SCALE_JOBS: String(jobs) },
});

function refuse(message) {
  console.error(message);
  process.exit(2);
}
