import { SuperJSON } from "superjson";
import { fromWire } from "./codec.js";

// An instance of our own, so that classes and symbols that an application registers globally are not sent.
const superjson = new SuperJSON();

/**
 * superjson's wire format for the `transformer` of a tRPC router that anybody can call. Plain superjson lets eighty bytes
 * allocate four gigabytes, and 400 kB block the process for many seconds. This transformer restores Date, Map, Set, bigint
 * and undefined, refuses all other types with `invalid_input`, and takes time in proportion to the size of the payload.
 */
export const transformer = {
  serialize: (value: unknown): ReturnType<SuperJSON["serialize"]> => superjson.serialize(value),
  deserialize: fromWire,
} as const;
