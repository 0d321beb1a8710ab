import { bin } from "../lib/bin.mjs";
import { capture } from "../lib/run.mjs";
import { step } from "../lib/step.mjs";

/**
 * Checks that the tarball is what Node, bundlers and TypeScript expect of a package.
 *
 * @param {string} tarball
 */
export async function lintPackage(tarball) {
  await step("publint", { quiet: false }, () =>
    capture(process.execPath, [bin("publint"), "run", tarball, "--strict"]),
  );
  await step("are the types wrong?", { quiet: false }, () =>
    capture(process.execPath, [bin("attw"), tarball, "--profile", "esm-only"]),
  );
}
