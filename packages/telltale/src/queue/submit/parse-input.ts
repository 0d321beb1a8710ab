import type { z } from "zod";
import { TelltaleError } from "../../core/index.js";
import { invalidInput } from "../../core/internal.js";

/** A value as its schema has it. Rejects with `invalid_input`, whose `data` names paths and zod codes, never values. */
export async function parseInput<S extends z.ZodType>(schema: S, value: unknown): Promise<z.output<S>> {
  const parsed = await schema.safeParseAsync(value).catch((cause: unknown) => {
    // zod overflows the stack on very deep input instead of answering.
    throw new TelltaleError("invalid_input", "The input cannot be parsed", { cause });
  });
  if (parsed.success) return parsed.data;
  throw invalidInput("The input does not fit its contract", parsed.error);
}
