import { bin, root } from "./bin.mjs";
import { capture } from "./run.mjs";
import { step } from "./step.mjs";

/**
 * Compiles what is published or runs in an image: the library with its CLI, the contracts, the server and the worker.
 */
export async function build() {
  await step("Building", { quiet: false }, async () => {
    const compiled = await capture(process.execPath, [bin("tsc"), "-b", "tsconfig.build.json"], { cwd: root });
    if (compiled.code !== 0) return compiled;
    const { buildCli } = await import("../../packages/telltale/build/bundle-cli.mjs");
    await buildCli();
    return compiled;
  });
}
