import { SuperJSON } from "superjson";
import { TelltaleError } from "../errors/error.js";
import { assertAllowedTypes } from "./allowed-types.js";
import { assertBounded } from "./bounded.js";
import { exactJson } from "./exact-json.js";

// An instance of our own: classes and symbols that a host registers globally have no business in stored payloads.
const superjson = new SuperJSON();

/**
 * A value as the text that is stored: superjson, so Date, Map, Set, bigint and undefined survive. Throws
 * `invalid_input` for what `decode` would refuse, a RegExp, an Error or a cycle among it: it would be stored, and every
 * reader would fail on it. And for what would not come back as it was, see `exactJson`.
 */
export function encode(value: unknown): string {
  try {
    const wire = superjson.serialize(value);
    assertAllowedTypes(wire, assertBounded(wire));
    // A cycle is cut in the wire and closed again by whoever reads it.
    if (wire.meta?.referentialEqualities !== undefined) assertBounded(value);
    return exactJson(wire);
  } catch (cause) {
    if (cause instanceof TelltaleError) throw cause;
    throw new TelltaleError("invalid_input", "The value cannot be encoded", { cause });
  }
}

/** The value of a stored text. Throws `invalid_input` for text that is not ours or claims forbidden types. */
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
 * superjson's own wire format, for the `transformer` of a tRPC router that faces strangers: eighty bytes can make plain
 * superjson allocate four gigabytes, this one refuses what no contract can ask for.
 */
export const transformer = {
  serialize: (value: unknown): ReturnType<SuperJSON["serialize"]> => superjson.serialize(value),
  deserialize,
} as const;

// biome-ignore lint/suspicious/noExplicitAny: the type tRPC demands of a transformer.
function deserialize(wire: any): any {
  if (wire === undefined) return undefined;
  assertAllowedTypes(wire, assertBounded(wire));
  let value: unknown;
  try {
    value = superjson.deserialize(wire);
  } catch (cause) {
    throw new TelltaleError("invalid_input", "The payload is not superjson", { cause });
  }
  // References are followed by whoever walks the value next, zod and JSON.stringify among them.
  if (wire.meta?.referentialEqualities !== undefined) assertBounded(value);
  return value;
}
