import { TelltaleError } from "./errors/error.js";
import { VERSION } from "./version.js";

// In the global registry, because a program can contain several copies of this package, which must recognise each other's objects.
const MADE_BY: unique symbol = Symbol.for("telltale.madeBy");

/** The mark of objects that may be passed to another copy of this package: `{ ...MADE_HERE }`. */
export const MADE_HERE: { readonly [MADE_BY]: string } = { [MADE_BY]: VERSION };

/**
 * Throws `invalid_config` for an object that another version of this package created. Copies of the same version work together.
 * Different versions may not, and would otherwise fail later, in the middle of a job.
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
