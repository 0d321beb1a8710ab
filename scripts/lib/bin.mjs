import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const PACKAGES = {
  ...{ tsc: "typescript", biome: "@biomejs/biome", knip: "knip", vitest: "vitest" },
  ...{ publint: "publint", attw: "@arethetypeswrong/cli", changeset: "@changesets/cli" },
};

/**
 * The script behind one of our tools, to be run by this very Node: `node_modules/.bin` holds shell scripts, which need a
 * `node` on the PATH and do not run everywhere.
 *
 * @param {keyof typeof PACKAGES} name
 * @returns {string}
 */
export function bin(name) {
  const folder = join(root, "node_modules", PACKAGES[name]);
  const { bin: entries } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return join(folder, typeof entries === "string" ? entries : entries[name]);
}
