import { TelltaleError } from "./errors/error.js";

/** The names of all options of `T`, as an object, so that a missing or extra name does not compile. */
type OptionNames<T> = { readonly [K in keyof T]-?: true };

/**
 * Throws `invalid_config` for an unknown option, because a misspelt option would otherwise silently have no effect.
 *
 * @param what the function or object that takes the options, as the message names it
 */
export function assertKnownOptions<T extends object>(what: string, options: T, known: OptionNames<T>): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || Object.hasOwn(known, name)) continue;
    const names = Object.keys(known).join(", ");
    throw new TelltaleError(
      "invalid_config",
      `${what} has no option ${JSON.stringify(name.slice(0, 64))}. Its options are ${names}`,
    );
  }
}
