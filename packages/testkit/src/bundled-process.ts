import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import { type SpawnedProcess, type SpawnProcessOptions, spawnProcess } from "./spawned-process.js";

const bundles = new Map<string, Promise<string>>();
let folder: string | undefined;

/**
 * Starts a script like `spawnProcess`, but as one bundled file: a process that loads its hundreds of modules one by one needs ten
 * times the processor time to start. The script must not start TypeScript files itself.
 */
export async function spawnBundled(
  script: string,
  options: Omit<SpawnProcessOptions, "nodeArgs"> = {},
): Promise<SpawnedProcess> {
  let bundle = bundles.get(script);
  if (bundle === undefined) {
    bundle = bundled(script);
    bundles.set(script, bundle);
  }
  return spawnProcess(await bundle, { ...options, nodeArgs: ["--enable-source-maps"] });
}

async function bundled(script: string): Promise<string> {
  const outfile = join(ownFolder(), `${bundles.size}-${basename(script, extname(script))}.mjs`);
  await build({
    entryPoints: [script],
    outfile,
    bundle: true,
    sourcemap: "linked",
    platform: "node",
    target: "node20",
    format: "esm",
    conditions: ["@telltale/source"],
    // CommonJS packages call `require`, which ES modules do not have.
    banner: {
      js: 'import { createRequire as nodeRequire } from "node:module"; const require = nodeRequire(import.meta.url);',
    },
    plugins: [keepLocations],
  });
  return outfile;
}

/** Lets modules find files beside their source: `import.meta.url` and `__dirname` are what they are without a bundle. */
const keepLocations: Plugin = {
  name: "keep-locations",
  setup(run) {
    run.initialOptions.define = { "import.meta.url": "__moduleUrl", __dirname: "__moduleFolder" };
    run.onLoad({ filter: /\.(ts|mjs|js)$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      if (!/import\.meta\.url|__dirname/.test(text)) return undefined;
      const [url, folder] = [pathToFileURL(path).href, dirname(path)].map((place) => JSON.stringify(place));
      const contents = `const __moduleUrl = ${url}, __moduleFolder = ${folder}; ${text}`;
      return { contents, loader: path.endsWith(".ts") ? "ts" : "js" };
    });
  },
};

function ownFolder(): string {
  if (folder === undefined) {
    const made = mkdtempSync(join(tmpdir(), "telltale-bundles-"));
    process.once("exit", () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  return folder;
}
