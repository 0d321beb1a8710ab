import { generate } from "./generate.mjs";
import { install } from "./install.mjs";

/**
 * Makes a fresh clone ready to run from its sources: dependencies, then the generated files. What is ready already costs
 * half a second.
 *
 * @param {{ quiet?: boolean }} [options]
 */
export async function setup({ quiet = false } = {}) {
  await install({ quiet });
  await generate();
}
