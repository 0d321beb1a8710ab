import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type PluginBuild } from "esbuild";
import type * as core from "telltale";
import type * as gateway from "telltale/gateway";
import type * as server from "telltale/server";
import type * as trpc from "telltale/trpc";
import type * as worker from "telltale/worker";
import { onTestFinished } from "vitest";

/** The entry points of one copy of the library. */
export interface Copy {
  readonly core: typeof core;
  readonly server: typeof server;
  readonly worker: typeof worker;
  readonly trpc: typeof trpc;
  readonly gateway: typeof gateway;
}

const ENTRY_POINTS = {
  core: "telltale",
  server: "telltale/server",
  worker: "telltale/worker",
  trpc: "telltale/trpc",
  gateway: "telltale/gateway",
} satisfies Record<keyof Copy, string>;

/**
 * Loads a copy of the library of its own, as a second installation would, and of any version. It has its dependencies
 * in it; its peers are those of the program.
 */
export async function loadCopy(version?: string): Promise<Copy> {
  const folder = mkdtempSync(join(tmpdir(), "telltale-copy-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const outfile = join(folder, "telltale.mjs");
  await build({
    stdin: {
      contents: Object.entries(ENTRY_POINTS)
        .map(([name, path]) => `export * as ${name} from "${path}";`)
        .join("\n"),
      resolveDir: fileURLToPath(new URL(".", import.meta.url)),
    },
    bundle: true,
    platform: "node",
    format: "esm",
    // ioredis is CommonJS.
    banner: {
      js: 'import { createRequire as nodeRequire } from "node:module"; const require = nodeRequire(import.meta.url);',
    },
    conditions: ["@telltale/source"],
    outfile,
    logLevel: "error",
    plugins: [
      { name: "peers", setup: leaveOutPeers },
      { name: "version", setup: (to) => (version === undefined ? undefined : setVersion(to, version)) },
    ],
  });
  const copy: Copy = await import(pathToFileURL(outfile).href);
  return copy;
}

function leaveOutPeers(to: PluginBuild): void {
  to.onResolve({ filter: /^(@trpc\/server|zod)(\/|$)/ }, async ({ path, pluginData, ...from }) => {
    if (pluginData === "peer") return undefined;
    const found = await to.resolve(path, { ...from, pluginData: "peer" });
    return { path: pathToFileURL(found.path).href, external: true };
  });
}

function setVersion(to: PluginBuild, version: string): void {
  const contents = `export const VERSION = ${JSON.stringify(version)};`;
  to.onLoad({ filter: /[/\\]core[/\\]version\.ts$/ }, () => ({ contents, loader: "ts" }));
}
