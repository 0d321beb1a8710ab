import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../lib/bin.mjs";
import { capture } from "../lib/run.mjs";

/**
 * Resolves `lowest` and `newest` to a version of tRPC. Any other word is a version already.
 *
 * @param {string} word
 * @returns {Promise<string>}
 */
export async function resolveTrpc(word) {
  if (word === "newest") return newestOf("@trpc/server");
  return word === "lowest" ? lowestOf("@trpc/server") : word;
}

/**
 * Returns the lowest version of a peer dependency that the library supports.
 *
 * @param {string} name
 * @returns {string}
 */
export function lowestOf(name) {
  const { peerDependencies } = JSON.parse(readFileSync(join(root, "packages/telltale/package.json"), "utf8"));
  return peerDependencies[name].replace("^", "");
}

/**
 * Resolves `newest` to a version of Node. Any other word is a version or a major version already.
 *
 * @param {string} word
 * @returns {Promise<string>}
 */
export async function resolveNode(word) {
  return word === "newest" ? newestOf("node") : word;
}

/** @param {string} name of a package */
async function newestOf(name) {
  const { code, output } = await capture("npm", ["view", name, "version"]);
  const version = output.trim().split("\n").at(-1) ?? "";
  if (code !== 0 || !/^\d+\.\d+\.\d+$/.test(version)) throw new Error(`npm view ${name} version:\n${output}`);
  return version;
}
