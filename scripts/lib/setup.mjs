import { bin, root } from "./bin.mjs";
import { install } from "./install.mjs";
import { capture } from "./run.mjs";
import { step } from "./step.mjs";

/**
 * Makes a fresh clone ready to run: dependencies, then every package built. What is ready already costs a second.
 *
 * @param {{ quiet?: boolean }} [options]
 */
export async function setup({ quiet = false } = {}) {
  await install({ quiet });
  await step("Building", { quiet }, () => capture(process.execPath, [bin("tsc"), "-b"], { cwd: root }));
}
