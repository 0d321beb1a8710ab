import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { root } from "../lib/bin.mjs";
import { capture, run } from "../lib/run.mjs";
import { step } from "../lib/step.mjs";

/**
 * Installs Node from its npm package, whose install script downloads the binary for this machine. Returns the path of
 * the binary.
 *
 * @param {string} version or a major version
 * @param {string} folder
 * @returns {Promise<string>}
 */
export async function installNode(version, folder) {
  const project = join(folder, `node-${version}`);
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), JSON.stringify({ private: true }));
  await step(`npm install node@${version}`, { quiet: false }, () =>
    capture("npm", ["install", "--no-audit", "--no-fund", `node@${version}`], { cwd: project }),
  );
  return join(project, "node_modules/node/bin/node");
}

/**
 * Runs tests of this repository, and the processes that they start, on another version of Node.
 *
 * @param {string} binary
 * @param {readonly string[]} tests
 * @returns {Promise<boolean>}
 */
export async function testOnNode(binary, tests) {
  const env = { ...process.env, PATH: [dirname(binary), process.env.PATH].join(delimiter) };
  return (await run(binary, ["scripts/test.mjs", ...tests], { cwd: root, env })) === 0;
}
