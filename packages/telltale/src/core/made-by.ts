import { TelltaleError } from "./errors/error.js";
import { VERSION } from "./version.js";

// Registered, not local: several copies of this package can be in one program, and each has to see what another made.
const MADE_BY: unique symbol = Symbol.for("telltale.madeBy");

/** Marks an object that can be given to another copy of this package: `{ ...MADE_HERE }`. */
export const MADE_HERE: { readonly [MADE_BY]: string } = { [MADE_BY]: VERSION };

/**
 * Throws `invalid_config` for an object that another version of this package made. Copies of one version work together;
 * different versions may differ in what they expect of each other, and that must not show up later, as a job that fails.
 */
export function assertSameVersion(what: string, value: object): void {
  const madeBy: unknown = Reflect.get(value, MADE_BY);
  if (madeBy === undefined || madeBy === VERSION) return;
  throw new TelltaleError(
    "invalid_config",
    `${what} was made by telltale ${String(madeBy)} and given to telltale ${VERSION}. ` +
      "Install one version for the whole program: `npm ls telltale` shows where each comes from",
  );
}
