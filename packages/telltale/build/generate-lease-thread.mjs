import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { generateLua } from "./generate-lua.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

// The scripts of queue/scripts/lease-scripts.ts. All others together are larger than the rest of Telltale's code in the
// thread, so they are left out.
const SCRIPTS = ["beat", "extend", "fail", "release"];

/** @type {import("esbuild").Plugin} */
const onlyLeaseScripts = {
  name: "only lease scripts",
  setup: ({ onLoad }) => {
    onLoad({ filter: /lua\.generated\.ts$/ }, () => ({ contents: generateLua(SCRIPTS), loader: "ts" }));
  },
};

/**
 * Bundles the lease thread's program with all its dependencies, including ioredis, into one CommonJS text. Also returns
 * the number of bytes that each file contributes, by its path from this package's folder.
 */
export async function bundleLeaseThread() {
  const { outputFiles, metafile } = await build({
    entryPoints: ["src/worker/leases/lease-thread.ts"],
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    conditions: ["@telltale/source"],
    plugins: [onlyLeaseScripts],
    // An optional dependency of `debug`, which ioredis uses. The output must not depend on whether it is installed.
    external: ["supports-color"],
    legalComments: "inline",
    write: false,
    metafile: true,
  });
  const inputs = Object.entries(Object.values(metafile.outputs)[0]?.inputs ?? {});
  const bytes = new Map(inputs.map(([file, { bytesInOutput }]) => [file, bytesInOutput]));
  return { text: outputFiles[0]?.text ?? "", bytes };
}

/**
 * Returns the text of `lease-thread.generated.ts`, whose string is run by `new Worker(text, { eval: true })`. The program
 * is a string because bundlers of applications would leave out a separate file.
 */
export async function generateLeaseThread() {
  const { text } = await bundleLeaseThread();
  return `// Generated from lease-thread.ts by \`npm run generate\`. Do not edit.

/** The bundled program of the lease thread, as CommonJS. Run it with \`new Worker(text, { eval: true })\`. */
export const LEASE_THREAD: string = ${JSON.stringify(text)};
`;
}
