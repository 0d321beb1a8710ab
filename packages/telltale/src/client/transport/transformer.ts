import { assertEncodable, fromWire, toWire } from "../../core/internal.js";

/** Uses superjson's wire format. Throws for values that the other side would not decode to an equal value. */
export const transformer = { serialize: toCheckedWire, deserialize: fromWire };

function toCheckedWire(value: unknown): ReturnType<typeof toWire> {
  assertEncodable(value);
  return toWire(value);
}
