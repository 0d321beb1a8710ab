import type { z } from "zod";
import { TelltaleError } from "../../core/index.js";
import { invalidInput } from "../../core/internal.js";

/** How a message names a value and its schema. */
interface Parsed {
  readonly value: string;
  readonly schema: string;
}

const INPUT: Parsed = { value: "The input", schema: "its contract" };

/**
 * Parses a value with its schema: an input, unless `names` says otherwise. Rejects with `invalid_input`, whose `data` contains
 * paths and zod's codes, but no values.
 */
export async function parseInput<S extends z.ZodType>(schema: S, value: unknown, names = INPUT): Promise<z.output<S>> {
  const parsed = await schema.safeParseAsync(value).catch((cause: unknown) => {
    // A function of the schema threw, or very deep input overflowed the stack.
    throw new TelltaleError("invalid_input", `${names.value} cannot be parsed, because its schema threw an error`, {
      cause,
    });
  });
  if (parsed.success) return parsed.data;
  throw invalidInput(`${names.value} does not fit ${names.schema}`, parsed.error);
}
