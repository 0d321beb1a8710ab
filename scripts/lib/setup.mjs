import { generate } from "./generate.mjs";
import { install } from "./install.mjs";

/**
 * Prepares a fresh clone for running from sources: installs the dependencies, then writes the generated files. Takes
 * half a second if everything is ready.
 *
 * @param {{ quiet?: boolean }} [options]
 */
export async function setup({ quiet = false } = {}) {
  await install({ quiet });
  await generate();
}
