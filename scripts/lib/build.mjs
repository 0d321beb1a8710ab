import { bin, root } from "./bin.mjs";
import { capture } from "./run.mjs";
import { step } from "./step.mjs";

/** Compiles what is published or runs in an image: the library, the contracts, the server and the worker. */
export async function build() {
  await step("Building", { quiet: false }, () =>
    capture(process.execPath, [bin("tsc"), "-b", "tsconfig.build.json"], { cwd: root }),
  );
}
