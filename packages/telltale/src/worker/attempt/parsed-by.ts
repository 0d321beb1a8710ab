import type { z } from "zod";
import { TelltaleError } from "../../core/index.js";
import { invalidInput } from "../../core/internal.js";

/**
 * A value as its schema has it, at once: progress and chunks are reported by calls that cannot wait. Throws `invalid_input`
 * alone: what the value itself throws may be a Proxy that nobody may look at, and what zod throws quotes the value.
 */
export function parsedBy(schema: z.ZodType | undefined, value: unknown): unknown {
  if (!schema) throw new TelltaleError("invalid_input", "The contract declares no such value");
  let parsed: ReturnType<z.ZodType["safeParse"]>;
  try {
    parsed = schema.safeParse(value);
  } catch {
    throw new TelltaleError("invalid_input", "The value cannot be parsed");
  }
  if (parsed.success) return parsed.data;
  throw invalidInput("The value does not fit its contract", parsed.error);
}
