import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** The module format of a bundle. */
export type Format = "esm" | "cjs";

/** Bundles in a folder far from any `node_modules`; `await using` removes it. */
export interface Bundles extends AsyncDisposable {
  readonly server: string;
  readonly worker: string;
}

/** Bundles the server and the worker of `programs`, minified, into one file each. */
export async function bundle(format: Format): Promise<Bundles> {
  const folder = await mkdtemp(join(tmpdir(), "telltale-bundles-"));
  const program = (name: string): string => fileURLToPath(new URL(`./programs/${name}.ts`, import.meta.url));
  await build({
    entryPoints: [program("server"), program("worker")],
    outdir: folder,
    outExtension: { ".js": format === "esm" ? ".mjs" : ".cjs" },
    bundle: true,
    minify: true,
    platform: "node",
    target: "node20",
    format,
    conditions: ["@telltale/source"],
    logLevel: "silent",
    // ioredis and ws are CommonJS, and load modules of Node with `require`.
    ...(format === "esm" && {
      banner: {
        js: 'import { createRequire as nodeRequire } from "node:module"; const require = nodeRequire(import.meta.url);',
      },
    }),
  });
  const file = (name: string): string => join(folder, `${name}.${format === "esm" ? "mjs" : "cjs"}`);
  return {
    server: file("server"),
    worker: file("worker"),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
