import type { z } from "zod";
import { TelltaleError } from "../../core/index.js";
import { invalidInput } from "../../core/internal.js";

/** Parses a value with its schema. Rejects with `invalid_input`, with paths and zod's codes in `data`, but without values. */
export async function parseInput<S extends z.ZodType>(schema: S, value: unknown): Promise<z.output<S>> {
  const parsed = await schema.safeParseAsync(value).catch((cause: unknown) => {
    // zod overflows the stack with very deep input.
    throw new TelltaleError("invalid_input", "The input cannot be parsed", { cause });
  });
  if (parsed.success) return parsed.data;
  throw invalidInput("The input does not fit its contract", parsed.error);
}
