import { decode } from "../../core/internal.js";
import { encoded } from "../../queue/internal.js";

/**
 * A value as text for Redis. Throws what cannot be encoded, is over `maxBytes`, or would be refused by everybody who reads
 * it (too deep, too many parts, types no contract can ask for): a stored output nobody can read is worse than a failure.
 */
export function storable(what: string, value: unknown, maxBytes: number): string {
  const text = encoded(what, value, maxBytes);
  decode(text);
  return text;
}
