import { TelltaleError } from "./error.js";

/** One thing wrong with a value: where, and zod's word for what. */
export interface Issue {
  readonly path: readonly PropertyKey[];
  readonly code: string;
}

const ISSUES_TOLD = 20;

/**
 * What zod, or a check in its place, found as an `invalid_input`: paths and codes, in words and in `data`; never values,
 * which may be secrets.
 */
export function invalidInput(what: string, { issues }: Readonly<{ issues: readonly Issue[] }>): TelltaleError {
  const told = issues.slice(0, ISSUES_TOLD).map(({ path, code }) => ({ path: path.map(String), code }));
  const where = told.map(({ path, code }) => `${path.join(".") || "(whole)"}: ${code}`).join(", ");
  return new TelltaleError("invalid_input", `${what} (${where})`, { data: { issues: told } });
}
