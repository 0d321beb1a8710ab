import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./bin.mjs";

const require = createRequire(join(root, "package.json"));

/** Node arguments that run TypeScript, and this workspace's packages, from sources without a build. */
export function fromSource() {
  return ["--conditions=@telltale/source", "--import", pathToFileURL(require.resolve("tsx")).href];
}

/**
 * Imports a TypeScript module of this workspace.
 *
 * @param {string} path from the root
 */
export async function importSource(path) {
  const { tsImport } = await import("tsx/esm/api");
  return tsImport(pathToFileURL(join(root, path)).href, import.meta.url);
}
