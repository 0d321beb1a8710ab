import type { z } from "zod";
import { TelltaleError } from "../../core/index.js";

/**
 * A value as its schema has it, at once: progress and chunks are reported by calls that cannot wait. Throws `invalid_input`
 * alone: what the value itself throws may be a Proxy that nobody may look at, and what zod throws quotes the value.
 */
export function parsedBy(schema: z.ZodType | undefined, value: unknown): unknown {
  if (!schema) throw new TelltaleError("invalid_input", "The contract has no such thing");
  try {
    return schema.parse(value);
  } catch {
    throw new TelltaleError("invalid_input", "It does not fit its contract");
  }
}
