import type { z } from "zod";
import { TelltaleError } from "../../core/index.js";
import { invalidInput } from "../../core/internal.js";

/** Parses a value with its schema. Rejects with `invalid_input`, whose `data` contains paths and zod's codes, but no values. */
export async function parseInput<S extends z.ZodType>(schema: S, value: unknown): Promise<z.output<S>> {
  const parsed = await schema.safeParseAsync(value).catch((cause: unknown) => {
    // A function of the schema threw, or very deep input overflowed the stack.
    throw new TelltaleError("invalid_input", "The input cannot be parsed, because its schema threw an error", {
      cause,
    });
  });
  if (parsed.success) return parsed.data;
  throw invalidInput("The input does not fit its contract", parsed.error);
}
