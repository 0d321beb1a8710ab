import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./bin.mjs";

/** The generated sources: the first is committed, the others hold packages of others and are made on each machine. */
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
];

/**
 * Writes the generated sources that are missing or out of date. Answers their paths from the root.
 *
 * @returns {Promise<string[]>}
 */
export async function generate() {
  const stale = [];
  for (const { file, text } of GENERATED) {
    const path = join(root, file);
    const wanted = await text();
    if (existsSync(path) && readFileSync(path, "utf8") === wanted) continue;
    writeFileSync(path, wanted);
    stale.push(file);
  }
  return stale;
}
