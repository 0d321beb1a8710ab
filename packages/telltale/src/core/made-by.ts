import { TelltaleError } from "./errors/error.js";
import { VERSION } from "./version.js";

// Symbol.for, because several copies of this package in one program must recognise each other's objects.
const MADE_BY: unique symbol = Symbol.for("telltale.madeBy");

/** Marks an object with the version of this package: `{ ...MADE_HERE }`. For objects that may be passed to another copy. */
export const MADE_HERE: { readonly [MADE_BY]: string } = { [MADE_BY]: VERSION };

/**
 * Throws `invalid_config` for an object that another version of this package created. Copies of the same version work together.
 * Different versions could fail later, in the middle of a job.
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
