import { TelltaleError } from "./error.js";

/** One problem of a value: where it is, and zod's code for it. */
export interface Issue {
  readonly path: readonly PropertyKey[];
  readonly code: string;
  /** The names that are not known, for `unrecognized_keys`. */
  readonly keys?: readonly string[];
}

const MAX_ISSUES = 20;
const MAX_KEYS = 10;
const MAX_KEY_LENGTH = 64;

/**
 * The findings of zod, or of a check in its place, as an `invalid_input`: paths, codes and unknown names, in the message and
 * in `data`. Values are left out, because they may be secrets.
 */
export function invalidInput(what: string, { issues }: Readonly<{ issues: readonly Issue[] }>): TelltaleError {
  const told = issues.slice(0, MAX_ISSUES).map(({ path, code, keys }) => ({
    path: path.map(String),
    code,
    ...(keys && { keys: keys.slice(0, MAX_KEYS).map((key) => key.slice(0, MAX_KEY_LENGTH)) }),
  }));
  const where = told.map(({ path, code, keys }) => `${path.join(".") || "(whole)"}: ${code}${keys ? ` ${keys}` : ""}`);
  return new TelltaleError("invalid_input", `${what} (${where.join(", ")})`, { data: { issues: told } });
}
