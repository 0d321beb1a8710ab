import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/**
 * Bundled CommonJS packages call `require` for Node's built-in modules, but ES modules have no `require`. The name must
 * not collide with an import of `createRequire` in a bundled file.
 */
const REQUIRE = `import { createRequire as nodeRequire } from "node:module"; const require = nodeRequire(import.meta.url);`;

/**
 * Bundles the command line into one ES module. The bundle contains the libraries that only the command line uses, so
 * that they remain development dependencies, and tRPC, which is an optional peer dependency that `npx telltale` does
 * not install.
 *
 * @param {{ external: readonly string[] }} options packages that are imported at run time and not bundled
 */
async function bundle({ external }) {
  const { outputFiles, metafile } = await build({
    entryPoints: ["src/cli/main.ts"],
    absWorkingDir: ROOT,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["@telltale/source"],
    external: [...external],
    // Identifiers are not minified, so that stack traces in bug reports stay readable.
    minifyWhitespace: true,
    minifySyntax: true,
    banner: { js: REQUIRE },
    write: false,
    metafile: true,
  });
  return { text: outputFiles[0]?.text ?? "", inputs: Object.keys(metafile.inputs) };
}

/** Returns the text of `main.generated.mjs`, which runs without installed packages. `npm run telltale` and tests use it. */
export async function generateCli() {
  return (await bundle({ external: [] })).text;
}

/**
 * Writes the published command line, `dist/cli/main.js`.
 *
 * @returns {Promise<readonly string[]>} the bundled files, as paths from this package's folder
 */
export async function buildCli() {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const { text, inputs } = await bundle({ external: Object.keys(dependencies) });
  const folder = join(ROOT, "dist/cli");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "main.js"), text, { mode: 0o755 });
  return inputs;
}
