import { SuperJSON } from "superjson";
import { TelltaleError } from "../errors/error.js";
import { assertEncodable } from "./assert-encodable.js";
import { assertBounded } from "./bounded.js";
import { revive } from "./revive.js";

// An instance of our own, so that classes and symbols that an application registers globally are not stored.
const superjson = new SuperJSON();

/**
 * The text that is stored for a value: superjson, so Date, Map, Set, bigint and undefined survive. Throws `invalid_input`
 * for a value that would not come back equal, see `assertEncodable`, or that `decode` would refuse. Equal values have equal
 * texts but for the order of keys: an object that is used twice is written twice, without a note that it was one object.
 */
export function encode(value: unknown): string {
  try {
    assertEncodable(value);
    const { json, meta } = superjson.serialize(value);
    const wire = meta?.values === undefined ? { json } : { json, meta: { values: meta.values, v: meta.v } };
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
  return deserialize(parsed);
}

/**
 * superjson's wire format for the `transformer` of a tRPC router that anybody can call. Plain superjson lets eighty bytes
 * allocate four gigabytes, and 400 kB block the process for many seconds. This transformer restores Date, Map, Set, bigint
 * and undefined, refuses all other types with `invalid_input`, and takes time in proportion to the size of the payload.
 */
export const transformer = {
  serialize: (value: unknown): ReturnType<SuperJSON["serialize"]> => superjson.serialize(value),
  deserialize,
} as const;

// biome-ignore lint/suspicious/noExplicitAny: tRPC's type of a transformer demands it.
function deserialize(wire: any): any {
  if (wire === undefined) return undefined;
  assertBounded(wire);
  return revive(wire);
}
