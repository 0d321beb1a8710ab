import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { CONTENDERS } from "../contenders/contender.js";

const require = createRequire(import.meta.url);
const BESIDE = ["@socket.io/redis-adapter", "ioredis"];

/** The installed version of each product, by the name of its package. */
export function versions(): Record<string, string> {
  const packages = [...Object.values(CONTENDERS).map((contender) => contender.package), ...BESIDE];
  return Object.fromEntries(packages.map((name): [string, string] => [name, versionOf(name)]));
}

// Not all packages let their package.json be imported.
function versionOf(name: string): string {
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      return JSON.parse(readFileSync(join(folder, name, "package.json"), "utf8")).version;
    } catch {}
  }
  throw new Error(`${name} is not installed in ${dirname(import.meta.url)}`);
}
