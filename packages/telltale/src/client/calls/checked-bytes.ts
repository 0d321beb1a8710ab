import { LIMITS, TelltaleError } from "../../core/index.js";
import { checkSubmitOptions, encode, invalidInput } from "../../core/internal.js";
import type { WireSubmit } from "../procedures.js";

/**
 * Makes the server's checks that need no contract, and returns the size of the encoded input in bytes. Throws `invalid_input` or
 * `too_large`. A value that does not survive encoding must be refused here, because the server cannot detect it: an instance of a
 * class, for example, arrives there as a plain object.
 */
export function checkedBytes({ input, options }: WireSubmit): number {
  const issues = checkSubmitOptions(options);
  if (issues.length > 0) throw invalidInput("Invalid submit options", { issues });
  const bytes = new TextEncoder().encode(encode(input)).length;
  const maxBytes = LIMITS.inputBytes;
  if (bytes <= maxBytes) return bytes;
  throw new TelltaleError("too_large", `The input has ${bytes} bytes; the limit is ${maxBytes}`, {
    data: { bytes, maxBytes },
  });
}
