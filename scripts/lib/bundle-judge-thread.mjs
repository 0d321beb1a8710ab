import { join } from "node:path";
import { build } from "esbuild";
import { root } from "./bin.mjs";

/** Bundles the judge's thread into one module, for a worker application that runs from its sources. */
export async function bundleJudgeThread() {
  const { outputFiles } = await build({
    entryPoints: [join(root, "apps/worker/src/judge/thread.ts")],
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}
