import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { generateLua } from "./generate-lua.mjs";

const ENTRY = fileURLToPath(new URL("../src/worker/leases/lease-thread.ts", import.meta.url));

// Those of queue/scripts/lease-scripts.ts. The text of the others would weigh more than all of ours in the thread.
const SCRIPTS = ["extend", "fail", "release"];

/** @type {import("esbuild").Plugin} */
const onlyItsScripts = {
  name: "only its scripts",
  setup: ({ onLoad }) => {
    onLoad({ filter: /lua\.generated\.ts$/ }, () => ({ contents: generateLua(SCRIPTS), loader: "ts" }));
  },
};

/**
 * The lease thread's program with everything it needs, ioredis included, as one CommonJS text, and how many bytes of it
 * each file makes up.
 */
export async function bundleLeaseThread() {
  const { outputFiles, metafile } = await build({
    entryPoints: [ENTRY],
    bundle: true,
    minify: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    conditions: ["@telltale/source"],
    plugins: [onlyItsScripts],
    // Optional for `debug`, which ioredis uses. The text must not depend on whether it happens to be installed.
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
 * The text of `lease-thread.generated.ts`. `new Worker(text, { eval: true })` runs the program in it. A bundle of an
 * application holds it like any other string; a file beside the bundle would be missing.
 */
export async function generateLeaseThread() {
  const { text } = await bundleLeaseThread();
  return `// Generated from lease-thread.ts by \`npm run generate\`. Do not edit.

/** The program of the lease thread. */
export const LEASE_THREAD: string = ${JSON.stringify(text)};
`;
}
