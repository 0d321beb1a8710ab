import { SuperJSON } from "superjson";
import { fromWire } from "./codec.js";

// A separate instance, so that classes and symbols that an application registers on the global one are not sent.
const superjson = new SuperJSON();

/**
 * A tRPC `transformer` with superjson's wire format, safe for untrusted callers. It restores Date, Map, Set, bigint and
 * undefined, refuses all other types with `invalid_input`, and its time is proportional to the size of the payload. With plain
 * superjson, a payload of 80 bytes can allocate four gigabytes, and one of 400 kB can block the process for many seconds.
 */
export const transformer = {
  serialize: (value: unknown): ReturnType<SuperJSON["serialize"]> => superjson.serialize(value),
  deserialize: fromWire,
} as const;
