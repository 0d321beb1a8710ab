import { TelltaleError } from "../errors/error.js";
import { assertEncodable } from "./assert-encodable.js";
import { assertBounded } from "./bounded.js";
import { revive } from "./revive.js";
import { toWire } from "./to-wire.js";

/**
 * The text that is stored for a value: superjson, so Date, Map, Set, bigint and undefined survive. Throws `invalid_input` for a
 * value that would not come back equal, see `assertEncodable`, or that `decode` would refuse. Equal values have equal texts but for
 * the order of keys: an object that is used twice is written twice, without a note that it was one object.
 */
export function encode(value: unknown): string {
  try {
    assertEncodable(value);
    const wire = toWire(value);
    // The type annotations count as parts when the text is decoded.
    if (wire.meta) assertBounded(wire);
    return JSON.stringify(wire);
  } catch (cause) {
    if (cause instanceof TelltaleError) throw cause;
    throw new TelltaleError("invalid_input", "The value cannot be encoded", { cause });
  }
}

/** The value of a stored text. Throws `invalid_input` if the text is not superjson or asks for types that are not allowed. */
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
 * The value of a parsed wire, which is modified. Undefined stays undefined. Throws `invalid_input` for types that are not allowed.
 */
// biome-ignore lint/suspicious/noExplicitAny: tRPC's type of a transformer demands it.
export function fromWire(wire: any): any {
  if (wire === undefined) return undefined;
  assertBounded(wire);
  return revive(wire);
}
