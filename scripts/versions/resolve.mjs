import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../lib/bin.mjs";
import { capture } from "../lib/run.mjs";

/**
 * The version of tRPC that `lowest` and `newest` mean; any other word is one.
 *
 * @param {string} word
 * @returns {Promise<string>}
 */
export async function resolveTrpc(word) {
  if (word === "newest") return newestOf("@trpc/server");
  return word === "lowest" ? lowestOf("@trpc/server") : word;
}

/**
 * The lowest version of a peer that the library declares to work with.
 *
 * @param {string} name
 * @returns {string}
 */
export function lowestOf(name) {
  const { peerDependencies } = JSON.parse(readFileSync(join(root, "packages/telltale/package.json"), "utf8"));
  return peerDependencies[name].replace("^", "");
}

/**
 * The version of Node that `newest` means; any other word is one, or a major.
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
