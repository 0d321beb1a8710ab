import { TelltaleError } from "../errors/error.js";
import { assertEncodable } from "./assert-encodable.js";
import { assertBounded } from "./bounded.js";
import { revive } from "./revive.js";
import { toWire } from "./to-wire.js";

/**
 * Encodes a value as superjson text, which keeps Date, Map, Set, bigint and undefined. Throws `invalid_input` for a value that
 * would not be equal after decoding (see `assertEncodable`), or that `decode` would refuse. Equal values have equal texts,
 * except for the order of keys: an object that occurs twice is written twice, without a reference.
 */
export function encode(value: unknown): string {
  try {
    assertEncodable(value);
    const wire = toWire(value);
    // `decode` also counts the type annotations as parts.
    if (wire.meta) assertBounded(wire);
    return JSON.stringify(wire);
  } catch (cause) {
    if (cause instanceof TelltaleError) throw cause;
    throw new TelltaleError("invalid_input", "The value cannot be encoded", { cause });
  }
}

/** Decodes a stored text. Throws `invalid_input` if the text is not superjson or contains types that are not allowed. */
export function decode(text: string): unknown {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new TelltaleError("invalid_input", "The payload is not JSON", { cause });
  }
  return fromWire(parsed);
}

/**
 * Decodes superjson's wire format after JSON.parse, and modifies it. Returns undefined for undefined. Throws `invalid_input` for
 * types that are not allowed.
 */
// biome-ignore lint/suspicious/noExplicitAny: tRPC's type of a transformer requires it.
export function fromWire(wire: any): any {
  if (wire === undefined) return undefined;
  assertBounded(wire);
  return revive(wire);
}
