import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { bin, root } from "./lib/bin.mjs";
import { importSource } from "./lib/from-source.mjs";
import { run } from "./lib/run.mjs";
import { setup } from "./lib/setup.mjs";
import { readTally } from "./lib/tally.mjs";

await setup();

// Find or fetch Redis once and visibly, before dozens of test files look for it at the same time.
const { findRedisServer } = await importSource("packages/local-redis/src/index.ts");
try {
  await findRedisServer({ onProgress: (line) => console.log(line) });
} catch (error) {
  console.error(error.message);
  process.exit(1);
}

// pnpm passes on the `--` of `pnpm test -- packages/telltale`; npm does not.
const given = process.argv.slice(2);
const args = given[0] === "--" ? given.slice(1) : given;

const { paths, filters } = namedTests(args);

const folder = mkdtempSync(join(tmpdir(), "telltale-test-"));
try {
  const report = join(folder, "report.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  // With CI set, vitest writes colours to files too.
  const env = {
    ...process.env,
    ...(!process.stdout.isTTY && { NO_COLOR: "1" }),
    TELLTALE_TEST_PATHS: JSON.stringify(paths),
  };
  const code = await run(process.execPath, [bin("vitest"), "run", ...reporters, ...filters], { cwd: root, env });
  const { passed, failed, skipped } = readTally(report);
  process.exitCode = code !== 0 || failed > 0 || passed === 0 ? code || 1 : 0;
  if (code !== 0 && failed === 0) console.error("No test failed, but the run did. See the error above.");
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/**
 * Separates paths from other arguments. A path means the test files in it and no others. Other arguments go to vitest, which
 * takes words as substrings of paths.
 *
 * @param {readonly string[]} given
 */
function namedTests(given) {
  const paths = [];
  const filters = [];
  for (const word of given) {
    const path = relative(root, resolve(word)).replaceAll("\\", "/");
    if (!word.startsWith("-") && existsSync(join(root, path))) {
      paths.push(statSync(join(root, path)).isDirectory() ? join(path, "**/*.test.ts") : path);
    } else if (/\/|\.ts$/.test(word) && !word.startsWith("-")) {
      console.error(`There is no file or folder ${word}. Name a path, or a word that paths of tests contain.`);
      process.exit(2);
    } else {
      filters.push(word);
    }
  }
  return { paths, filters };
}
