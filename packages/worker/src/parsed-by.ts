import { type Schema, TelltaleError } from "@telltale/core";

/** A value as its schema has it, at once: progress and chunks are reported by calls that cannot wait. Throws. */
export function parsedBy(schema: Schema | undefined, value: unknown): unknown {
  if (!schema) throw new TelltaleError("invalid_input", "The contract has no such thing");
  return schema.parse(value);
}
