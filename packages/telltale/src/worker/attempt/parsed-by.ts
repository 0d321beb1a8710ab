import type { z } from "zod";
import { TelltaleError } from "../../core/index.js";
import { invalidInput } from "../../core/internal.js";

/**
 * Parses a value with its schema synchronously, because handlers do not await progress and chunk calls. Only throws
 * `invalid_input`: zod's errors quote the value, and an error thrown by the value may be a Proxy that is unsafe to
 * inspect.
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
