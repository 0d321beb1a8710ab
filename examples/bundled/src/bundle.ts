import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** Writes `server.mjs` and `worker.mjs` into a folder: each a whole program that needs nothing but Node. */
export async function bundle(folder: string): Promise<void> {
  await build({
    entryPoints: ["server.ts", "worker.ts"].map((file) => fileURLToPath(new URL(file, import.meta.url))),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    minify: true,
    platform: "node",
    target: "node20",
    format: "esm",
    // ioredis and ws are CommonJS packages that call `require("events")`. ES modules have no `require`, so make one.
    // The alias avoids a collision with the same import in a bundled file.
    banner: {
      js: 'import { createRequire as nodeRequire } from "node:module"; const require = nodeRequire(import.meta.url);',
    },
    // Only in this repository, where telltale is not built before it runs. Leave it out in your project.
    conditions: ["@telltale/source"],
  });
}
