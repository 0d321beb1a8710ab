import { z } from "zod";
import { LIMITS } from "../contract/limits.js";
import { KEY_PATTERN } from "../job/job-id.js";
import {
  type WireSubmitOptions as Options,
  type SubmitOption,
  submitOptions,
  wireNameOf,
} from "../job/submit-options.js";
import { OPTION_RULES } from "./check-submit-options.js";

/** A name that somebody chose. */
export const Key = z.string().regex(KEY_PATTERN);

/** One tag of a job. */
export const Tag = Key.max(LIMITS.tagLength);

/** The tags of a job. */
export const Tags = z.array(Tag).max(LIMITS.tags);

/** What an option may be on the wire. */
export function schemaOf(option: SubmitOption): z.ZodType {
  switch (option.is) {
    case "key":
      return Key;
    case "duration":
      return z.int().min(option.minMs).max(LIMITS.delayMs);
    case "date":
      return z.date();
    case "word":
      return z.enum(option.words);
    case "tags":
      return Tags;
  }
}

const shape = Object.fromEntries(submitOptions().map(([name, option]) => [wireNameOf(name), schemaOf(option)]));

/** The options of a submit on the wire. */
export const WireSubmitOptions: z.ZodType<Options> = OPTION_RULES.reduce<z.ZodType<Options>>(
  (schema, { rule, holds }) => schema.refine(holds, rule),
  // Made from the table that the type is made of.
  z.object(shape as { [K in keyof Options]-?: z.ZodType<NonNullable<Options[K]>> }).partial(),
);
/** See the schema. */
export type WireSubmitOptions = Options;
