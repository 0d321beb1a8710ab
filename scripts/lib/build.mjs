import { writeFileSync } from "node:fs";
import { join } from "node:path";
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
    const { bundleLeaseThread } = await import("../../packages/telltale/build/generate-lease-thread.mjs");
    const { thirdPartyLicenses } = await import("../../packages/telltale/build/third-party-licenses.mjs");
    const bundled = [...(await buildCli()), ...(await bundleLeaseThread()).bytes.keys()];
    const library = join(root, "packages/telltale");
    writeFileSync(join(library, "dist/third-party-licenses.txt"), thirdPartyLicenses(bundled, library));
    return compiled;
  });
}
