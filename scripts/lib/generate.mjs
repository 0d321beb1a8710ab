import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./bin.mjs";

/** The CLI as one file, which starts five times as fast as its sources. A path from the root. */
export const CLI = "packages/telltale/src/cli/main.generated.mjs";

/**
 * The generated sources. The first is committed. The others contain third-party code and are generated on each machine.
 */
const GENERATED = [
  {
    file: "packages/telltale/src/queue/scripts/lua.generated.ts",
    text: async () => (await import("../../packages/telltale/build/generate-lua.mjs")).generateLua(),
  },
  {
    file: "packages/telltale/src/worker/leases/lease-thread.generated.ts",
    text: async () => (await import("../../packages/telltale/build/generate-lease-thread.mjs")).generateLeaseThread(),
  },
  {
    file: "apps/worker/src/judge/thread.generated.mjs",
    text: async () => (await import("./bundle-judge-thread.mjs")).bundleJudgeThread(),
  },
  {
    file: CLI,
    text: async () => (await import("../../packages/telltale/build/bundle-cli.mjs")).generateCli(),
  },
];

/**
 * Writes the generated sources, or only `wanted`, that are missing or out of date. Returns the paths of the written
 * files.
 *
 * @param {readonly string[]} [wanted]
 * @returns {Promise<string[]>}
 */
export async function generate(wanted) {
  const stale = [];
  for (const { file, text } of GENERATED) {
    if (wanted && !wanted.includes(file)) continue;
    const path = join(root, file);
    const current = await text();
    if (existsSync(path) && readFileSync(path, "utf8") === current) continue;
    writeFileSync(path, current);
    stale.push(file);
  }
  return stale;
}
