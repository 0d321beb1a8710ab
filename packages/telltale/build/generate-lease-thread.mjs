import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ENTRY = fileURLToPath(new URL("../src/worker/leases/lease-thread.ts", import.meta.url));

/**
 * The text of `lease-thread.generated.ts`: the thread with everything it needs, ioredis included, as one CommonJS program
 * that `new Worker(text, { eval: true })` runs. A bundle of an application holds it like any other string; a file beside
 * the bundle would be missing.
 */
export async function generateLeaseThread() {
  const { outputFiles } = await build({
    entryPoints: [ENTRY],
    bundle: true,
    minify: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    conditions: ["@telltale/source"],
    legalComments: "inline",
    write: false,
  });
  return `// Generated from lease-thread.ts by \`npm run generate\`. Do not edit.

/** The program of the lease thread. */
export const LEASE_THREAD: string = ${JSON.stringify(outputFiles[0]?.text)};
`;
}
