import { LIMITS, TelltaleError } from "../../core/index.js";
import { checkSubmitOptions, encode, invalidInput } from "../../core/internal.js";
import type { WireSubmit } from "../procedures.js";

/**
 * Checks a submit as the server will, as far as that is possible without the contract, and returns the size of its input in
 * bytes. Throws `invalid_input` or `too_large`. A value that would not come back equal must be refused here, because the server
 * cannot know what it was: an instance of a class, for example, arrives there as a plain object.
 */
export function checkedBytes({ input, options }: WireSubmit): number {
  const issues = checkSubmitOptions(options);
  if (issues.length > 0) throw invalidInput("The options are not usable as given", { issues });
  const bytes = new TextEncoder().encode(encode(input)).length;
  const maxBytes = LIMITS.inputBytes;
  if (bytes <= maxBytes) return bytes;
  throw new TelltaleError("too_large", `The input has ${bytes} bytes; at most ${maxBytes} are stored`, {
    data: { bytes, maxBytes },
  });
}
