import { join } from "node:path";
import { root } from "../bin.mjs";
import { capture } from "../run.mjs";

/** The compilers a program must pass, the oldest supported one first. */
export const COMPILERS = ["typescript-5.8", "typescript-5.9", "typescript"];

/** Instantiations are counted with this one: other versions count differently. */
export const MEASURED_WITH = "typescript-5.9";

/** The most instantiations a whole program may cost, by its number of kinds. */
export const MOST_INSTANTIATIONS = { 25: 200_000, 200: 1_200_000 };

/**
 * Type-checks the program in a folder. The counts depend on the program and the compiler alone, never on the machine.
 *
 * @param {string} folder
 * @param {string} [compiler]
 * @returns {Promise<{ errors: string[], instantiations: number, types: number }>}
 */
export async function compile(folder, compiler = MEASURED_WITH) {
  const tsc = join(root, "node_modules", compiler, "bin/tsc");
  const { code, output } = await capture(process.execPath, [tsc, "-p", folder, "--extendedDiagnostics"]);
  const count = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)$`, "m").exec(output)?.[1]);
  const errors = output.split("\n").filter((line) => /error TS\d+/.test(line));
  if (code !== 0 && errors.length === 0) errors.push(output);
  return { errors, instantiations: count("Instantiations"), types: count("Types") };
}
