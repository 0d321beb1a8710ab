import { shareAcrossCopies } from "./across-copies.js";
import { ERROR_CODES, type ErrorCode, isErrorCode } from "./error-codes.js";

/**
 * The class of all errors that Telltale throws. Branch on `code`; messages are for people and may change. `instanceof` also works
 * for errors of another copy of this package, if this copy knows their code.
 */
export class TelltaleError extends Error {
  override readonly name = "TelltaleError";
  /** What went wrong: one of `ERROR_CODES`. */
  readonly code: ErrorCode;
  /** Details for programs, such as the paths of an invalid input. Never contains payloads or secrets. */
  readonly data: unknown;

  constructor(code: ErrorCode, message?: string, options: Readonly<{ data?: unknown; cause?: unknown }> = {}) {
    super(message ?? ERROR_CODES[code].meaning, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.data = options.data;
  }
}

shareAcrossCopies("TelltaleError", TelltaleError, (error) => "code" in error && isErrorCode(error.code));

/** Whether a caught value is a `TelltaleError` with this code. Also works across two copies of the package. */
export function hasCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof Error && error.name === "TelltaleError" && "code" in error && error.code === code;
}
