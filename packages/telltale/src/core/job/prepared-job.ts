import "../check-versions.js";
import { z } from "zod";
import { LIMITS } from "../contract/limits.js";
import { schemaOf } from "../wire/option-schemas.js";
import { JOB_ID_PATTERN, KEY_PATTERN, KIND_PATTERN } from "./job-id.js";
import { keptOptions, type PreparedOptions, preparedNameOf, unset } from "./prepared-options.js";
import type { SubmitOption } from "./submit-options.js";

/**
 * A validated job that is not submitted yet. `prepare` returns it, and `submitPrepared` submits it. It is plain JSON, so you can
 * keep it in your own database. `submitPrepared` validates it again.
 */
export interface PreparedJob extends PreparedOptions {
  /** The version of this layout. Readers refuse versions that they do not know. */
  v: 1;
  id: string;
  kind: string;
  /** The subject that the job will belong to, or null for jobs of the server. */
  owner: string | null;
  /** The input as superjson text, so that a Date survives a JSON column. */
  input: string;
  /** The caller's key, or else the job's id. Without a key, submitting again after the job was pruned would create it again. */
  idempotencyKey: string;
  /** The version of the contract that the input fits. */
  version: number;
  /** The keys of the contract's limits per key, or null for limits that it does not have. */
  limitKeys: { concurrency: string | null; rate: string | null };
}

const Instant = z.int().min(0).max(9_999_999_999_999);
const LimitKey = z
  .string()
  .regex(/^[^\n]{1,1024}$/)
  .nullable();

const shape = Object.fromEntries(
  keptOptions().map(([name, option]) => [preparedNameOf(name), preparedSchemaOf(option)]),
);

/** See the type. */
export const PreparedJob: z.ZodType<PreparedJob> = z.strictObject({
  // The type is computed from the same table.
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

// A job that was prepared before an option was introduced does not have it.
function preparedSchemaOf(option: SubmitOption): z.ZodType {
  const schema = option.is === "date" ? Instant : schemaOf(option);
  const absent = unset(option);
  return absent === null ? schema.nullable().default(null) : schema.default(absent);
}
