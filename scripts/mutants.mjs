import { existsSync, readFileSync, statSync } from "node:fs";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { bin, root } from "./lib/bin.mjs";
import { importSource } from "./lib/from-source.mjs";
import { run } from "./lib/run.mjs";
import { setup } from "./lib/setup.mjs";
import { LEFT_OUT } from "./mutants/accepted.mjs";
import { readReport } from "./mutants/report.mjs";
import { testsOf } from "./mutants/suites.mjs";

const USAGE = `npm run mutants -- PATH... [--tests PATH]... [--least PERCENT]

Plants faults in the TypeScript of the files or folders, one at a time, and runs the tests of their module. Prints the share
of faults that a test noticed, and each fault that none noticed, with its line. Exits with 1 if the share is below --least.

  --tests PATH      the tests to run, a file or glob (default: those of the part, see scripts/mutants/suites.mjs)
  --least PERCENT   default: 85
`;

// pnpm passes on the `--` of `pnpm mutants -- path`; npm does not.
const given = process.argv.slice(2);
const options = {
  tests: { type: "string", multiple: true },
  least: { type: "string", default: "85" },
  help: { type: "boolean", short: "h", default: false },
};

let parsed;
try {
  parsed = parseArgs({ args: given[0] === "--" ? given.slice(1) : given, options, allowPositionals: true });
} catch (error) {
  refuse(error.message);
}
const { values, positionals } = parsed;
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const least = Number(values.least);
if (!(least >= 0 && least <= 100)) refuse(`--least must be a number from 0 to 100, not ${values.least}`);
if (positionals.length === 0) refuse("Name the files or folders to plant faults in.");
const sources = positionals.map(sourceOf);
const tests = values.tests ?? testsOf(sources);
for (const [file, reason] of Object.entries(LEFT_OUT)) {
  if (positionals.some((word) => isIn(file, word))) console.log(`Left out: ${file}\n  ${reason}`);
}

await setup();
// Find or fetch Redis once and visibly, as `npm test` does.
const { findRedisServer } = await importSource("packages/local-redis/src/index.ts");
await findRedisServer({ onProgress: (line) => console.log(line) });

// Stryker changes the files in place: in copies of its own, tests would import the packages of this workspace without the
// faults. So it works in a copy of everything, and this tree can be edited meanwhile.
const copy = await mkdtemp(join(tmpdir(), "telltale-mutants-"));
try {
  const isCopied = (path) => !/^(\.git|reports|dist)(\/|$)/.test(relative(root, path).replaceAll("\\", "/"));
  await cp(root, copy, { recursive: true, verbatimSymlinks: true, filter: isCopied });
  await writeFile(join(copy, "stryker.conf.json"), JSON.stringify(configuration(), null, 2));
  const env = { ...process.env, TELLTALE_TEST_PATHS: JSON.stringify(tests) };
  const code = await run(process.execPath, [join(copy, relative(root, bin("stryker"))), "run"], { cwd: copy, env });
  if (code !== 0) {
    console.error("The mutation tester failed. Do the tests pass without faults?");
    process.exitCode = code;
  } else {
    const { score, text } = readReport(JSON.parse(readFileSync(join(copy, "report.json"), "utf8")));
    console.log(text);
    if (score < least) console.error(`Less than ${least} % were noticed.`);
    process.exitCode = score < least ? 1 : 0;
  }
} finally {
  await rm(copy, { recursive: true, force: true });
}

function configuration() {
  return {
    testRunner: "vitest",
    plugins: ["@stryker-mutator/vitest-runner", "./scripts/mutants/texts.mjs"],
    ignorers: ["texts"],
    mutate: [...sources, "!**/*.test.ts", "!**/*.generated.ts", ...Object.keys(LEFT_OUT).map((file) => `!${file}`)],
    inPlace: true,
    // Tests of one fault must not be late because of those of another.
    concurrency: 1,
    coverageAnalysis: "perTest",
    disableTypeChecks: true,
    checkers: [],
    reporters: ["progress-append-only", "json"],
    jsonReporter: { fileName: "report.json" },
    vitest: { configFile: "vitest.config.ts", related: false },
    timeoutMS: 15_000,
    tempDirName: ".stryker-tmp",
    allowConsoleColors: process.stdout.isTTY,
  };
}

/** Returns a path as the glob of what is in it. */
function sourceOf(word) {
  const path = relative(root, resolve(word)).replaceAll("\\", "/");
  if (path.startsWith("..") || !existsSync(join(root, path))) refuse(`There is no file or folder ${word}.`);
  return statSync(join(root, path)).isDirectory() ? join(path, "**/*.ts") : path;
}

function isIn(file, word) {
  const path = relative(resolve(word), join(root, file));
  return !path.startsWith("..");
}

function refuse(message) {
  console.error(`${message}\n\n${USAGE}`);
  process.exit(2);
}
