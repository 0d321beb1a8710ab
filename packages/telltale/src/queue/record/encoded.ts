import { TelltaleError } from "../../core/index.js";
import { encode } from "../../core/internal.js";

/**
 * Encodes a value for Redis. Throws `invalid_input` if it cannot be encoded, and `too_large` if it has more than `maxBytes` bytes of
 * UTF-8. Messages name the value by `what`, such as "input".
 */
export function encoded(what: string, value: unknown, maxBytes: number): string {
  let text: string;
  try {
    text = encode(value);
  } catch (cause) {
    const reason = cause instanceof TelltaleError ? `: ${cause.message}` : "";
    throw new TelltaleError("invalid_input", `The ${what} cannot be encoded${reason}`, { cause });
  }
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) {
    throw new TelltaleError("too_large", `The ${what} has ${bytes} bytes. The limit is ${maxBytes}`, {
      data: { bytes, maxBytes },
    });
  }
  return text;
}
