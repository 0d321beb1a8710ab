import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { build as buildWithEsbuild } from "esbuild";
import { build as buildWithVite } from "vite";

// A page consists of one module with this name.
const PAGE = fileURLToPath(new URL("page.js", import.meta.url));
const CONDITIONS = ["@telltale/source"];

/** Bundles the text of a module for production and browsers into one file. Its imports are resolved from this folder. */
export type BundlePage = (text: string) => Promise<string>;

/** The most common bundlers of applications. */
export const BUNDLERS: Readonly<Record<string, BundlePage>> = { esbuild, vite };

async function esbuild(text: string): Promise<string> {
  const { outputFiles } = await buildWithEsbuild({
    stdin: { contents: text, resolveDir: dirname(PAGE), sourcefile: PAGE },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    conditions: CONDITIONS,
    logLevel: "silent",
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

async function vite(text: string): Promise<string> {
  const built = await buildWithVite({
    root: dirname(PAGE),
    configFile: false,
    logLevel: "silent",
    resolve: { conditions: [...CONDITIONS, "module", "browser"] },
    build: { write: false, rolldownOptions: { input: PAGE } },
    plugins: [
      {
        name: "page",
        enforce: "pre",
        resolveId: (id) => (id === PAGE ? PAGE : null),
        load: (id) => (id === PAGE ? text : null),
      },
    ],
  });
  const output = [built].flat().flatMap((one) => ("output" in one ? one.output : []));
  const [chunk, ...others] = output.filter((file) => file.type === "chunk");
  if (!chunk || others.length > 0) throw new Error(`Vite made ${others.length + 1} chunks of a page`);
  return chunk.code;
}
