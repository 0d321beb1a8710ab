import { TelltaleError } from "./error.js";

/** One problem of a value: where it is, and zod's code for it. */
export interface Issue {
  readonly path: readonly PropertyKey[];
  readonly code: string;
  /** The unknown names, for `unrecognized_keys`. */
  readonly keys?: readonly string[];
}

const MAX_ISSUES = 20;
const MAX_KEYS = 10;
const MAX_KEY_LENGTH = 64;

/**
 * Creates an `invalid_input` error from the issues of zod, or of a check that replaces zod. The message and `data` contain paths,
 * codes and unknown names. Values are left out, because they may be secrets.
 */
export function invalidInput(what: string, { issues }: Readonly<{ issues: readonly Issue[] }>): TelltaleError {
  const listed = issues.slice(0, MAX_ISSUES).map(({ path, code, keys }) => ({
    path: path.map(String),
    code,
    ...(keys && { keys: keys.slice(0, MAX_KEYS).map((key) => key.slice(0, MAX_KEY_LENGTH)) }),
  }));
  const where = listed.map(({ path, code, keys }) => `${path.join(".") || "(root)"}: ${code}${keys ? ` ${keys}` : ""}`);
  return new TelltaleError("invalid_input", `${what} (${where.join(", ")})`, { data: { issues: listed } });
}
