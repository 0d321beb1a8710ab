import { decode } from "../../core/internal.js";
import { encoded } from "../../queue/internal.js";

/**
 * Encodes a value as text for Redis. Throws if it cannot be encoded, exceeds `maxBytes`, or would be rejected by every
 * reader (too deep, too many parts, types that no contract can declare), because an unreadable output is worse than a
 * failure.
 */
export function storable(what: string, value: unknown, maxBytes: number): string {
  const text = encoded(what, value, maxBytes);
  decode(text);
  return text;
}
