import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const PACKAGES = {
  ...{ tsc: "typescript", biome: "@biomejs/biome", knip: "knip", vitest: "vitest" },
  ...{ publint: "publint", attw: "@arethetypeswrong/cli", changeset: "@changesets/cli" },
  stryker: "@stryker-mutator/core",
};

/**
 * Returns the script of a tool, to run it with this Node. `node_modules/.bin` has shell scripts, which need `node` on
 * the PATH and do not run on every system.
 *
 * @param {keyof typeof PACKAGES} name
 * @returns {string}
 */
export function bin(name) {
  const folder = join(root, "node_modules", PACKAGES[name]);
  const { bin: entries } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return join(folder, typeof entries === "string" ? entries : entries[name]);
}
