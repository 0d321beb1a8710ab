import "../check-versions.js";
import { z } from "zod";
import { LIMITS } from "../contract/limits.js";
import { schemaOf } from "../wire/option-schemas.js";
import { JOB_ID_PATTERN, KEY_PATTERN, KIND_PATTERN } from "./job-id.js";
import { keptOptions, type PreparedOptions, preparedNameOf, unset } from "./prepared-options.js";
import type { SubmitOption } from "./submit-options.js";

/**
 * A validated job that is not stored yet: what `prepare` answers and `submitPrepared` takes. Plain JSON, to be kept in the
 * caller's own database; what comes back from there is parsed with this schema and trusted in nothing else.
 */
export interface PreparedJob extends PreparedOptions {
  /** Of this layout: a reader refuses what it does not know. */
  v: 1;
  id: string;
  kind: string;
  owner: string | null;
  /** Encoded, so that a Date survives a JSON column. */
  input: string;
  /** The caller's, or the job's id: without one a job that was pruned could be made again. */
  idempotencyKey: string;
  /** Of the contract that the input fits. */
  version: number;
  limitKeys: { concurrency: string | null; rate: string | null };
}

const Instant = z.int().min(0).max(9_999_999_999_999);
const LimitKey = z.string().max(1_024).nullable();

const shape = Object.fromEntries(
  keptOptions().map(([name, option]) => [preparedNameOf(name), preparedSchemaOf(option)]),
);

/** See the type. */
export const PreparedJob: z.ZodType<PreparedJob> = z.strictObject({
  // Made from the table that the type is made of.
  ...(shape as { [K in keyof PreparedOptions]: z.ZodType<PreparedOptions[K]> }),
  v: z.literal(1),
  id: z.string().regex(JOB_ID_PATTERN),
  kind: z.string().regex(KIND_PATTERN),
  owner: z
    .string()
    .regex(/^[^\n]{1,256}$/)
    .nullable(),
  input: z.string().max(LIMITS.inputBytes),
  idempotencyKey: z.string().regex(KEY_PATTERN),
  version: z.int().min(1),
  limitKeys: z.strictObject({ concurrency: LimitKey, rate: LimitKey }),
});

// A job that was prepared before there was an option lacks it.
function preparedSchemaOf(option: SubmitOption): z.ZodType {
  const schema = option.is === "date" ? Instant : schemaOf(option);
  const absent = unset(option);
  return absent === null ? schema.nullable().default(null) : schema.default(absent);
}
