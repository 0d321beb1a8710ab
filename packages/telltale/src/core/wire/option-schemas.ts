import { z } from "zod";
import { type Duration, durationMs } from "../contract/duration.js";
import { LIMITS } from "../contract/limits.js";
import { KEY_PATTERN } from "../job/job-id.js";
import {
  type WireSubmitOptions as Options,
  type SubmitOption,
  submitOptions,
  wireNameOf,
} from "../job/submit-options.js";
import { OPTION_RULES } from "./check-submit-options.js";

/** A name that a user chooses: a key, a tag, a queue or a schedule. */
export const Key = z.string().regex(KEY_PATTERN);

/** One tag of a job. */
export const Tag = Key.max(LIMITS.tagLength);

/** The tags of a job. */
export const Tags = z.array(Tag).max(LIMITS.tags);

/** Returns the schema of an option on the wire. */
export function schemaOf(option: SubmitOption): z.ZodType {
  switch (option.is) {
    case "key":
      return Key;
    case "duration":
      return millisecondsFrom(option.minMs);
    case "date":
      return z.date();
    case "word":
      return z.enum(option.words);
    case "tags":
      return Tags;
  }
}

const shape = Object.fromEntries(
  submitOptions().flatMap(([name, option]) => [
    [wireNameOf(name), schemaOf(option)],
    ...(option.is === "duration" ? [[name, durationSchema(millisecondsFrom(option.minMs))]] : []),
  ]),
);

/**
 * The options of a submit on the wire. Durations are numbers of milliseconds (`delayMs: 5000`), or written as in code
 * (`delay: "5s"`). Unknown options are refused, because a misspelt one could change when or whether the job runs.
 */
export const WireSubmitOptions: z.ZodType<Options> = OPTION_RULES.reduce<z.ZodType<Options>>(
  (schema, { rule, holds }) => schema.refine(holds, rule),
  z.strictObject(shape).partial().transform(toWireNames),
);
/** See the schema. */
export type WireSubmitOptions = Options;

/**
 * Returns a schema of durations as written in code, `"5s"` or a number of ms. Its output is milliseconds that fit the given
 * schema.
 */
export function durationSchema(milliseconds: z.ZodType<number, number>): z.ZodType<number, Duration> {
  // `durationMs` checks below whether a text is a duration.
  const text = z.union([z.string().max(32) as z.ZodType<string, Extract<Duration, string>>, z.number()]);
  return text
    .transform((given, context) => {
      try {
        return durationMs(given as Duration);
      } catch {
        context.addIssue({ code: "custom", message: "Invalid duration" });
        return z.NEVER;
      }
    })
    .pipe(milliseconds);
}

function millisecondsFrom(minMs: number): z.ZodType<number, number> {
  return z.int().min(minMs).max(LIMITS.delayMs);
}

function toWireNames(given: Readonly<Record<string, unknown>>, context: z.RefinementCtx): Options {
  const wire = { ...given };
  for (const [name, { is }] of submitOptions()) {
    if (is !== "duration" || wire[name] === undefined) continue;
    const wireName = wireNameOf(name);
    if (wire[wireName] !== undefined) {
      context.addIssue({ code: "custom", path: [name], message: `Set either ${name} or ${wireName}, not both` });
    }
    wire[wireName] = wire[name];
    delete wire[name];
  }
  // The type is computed from the same table.
  return wire;
}
