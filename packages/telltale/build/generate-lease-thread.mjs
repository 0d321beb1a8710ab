import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { generateLua } from "./generate-lua.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

// The scripts of queue/scripts/lease-scripts.ts. The others would be larger than the rest of Telltale's code in the
// thread.
const SCRIPTS = ["extend", "fail", "release"];

/** @type {import("esbuild").Plugin} */
const onlyItsScripts = {
  name: "only its scripts",
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
    plugins: [onlyItsScripts],
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
 * The text of `lease-thread.generated.ts`. `new Worker(text, { eval: true })` runs the program in it. A string is
 * included when an application is bundled; a separate file would be missing.
 */
export async function generateLeaseThread() {
  const { text } = await bundleLeaseThread();
  return `// Generated from lease-thread.ts by \`npm run generate\`. Do not edit.

/** The program of the lease thread. */
export const LEASE_THREAD: string = ${JSON.stringify(text)};
`;
}
