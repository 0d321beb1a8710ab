import "../check-versions.js";
import { z } from "zod";
import { LIMITS } from "../contract/limits.js";
import { PRIORITIES } from "./job-handle.js";
import { JOB_ID_PATTERN, KEY_PATTERN, KIND_PATTERN } from "./job-id.js";

const Key = z.string().regex(KEY_PATTERN);
const LimitKey = z.string().max(1_024).nullable();

/**
 * A validated job that is not stored yet: what `prepare` answers and `submitPrepared` takes. Plain JSON, to be kept in the
 * caller's own database; what comes back from there is parsed with this schema and trusted in nothing else.
 */
export const PreparedJob = z.strictObject({
  /** Of this layout: a reader refuses what it does not know. */
  v: z.literal(1),
  id: z.string().regex(JOB_ID_PATTERN),
  kind: z.string().regex(KIND_PATTERN),
  owner: z
    .string()
    .regex(/^[^\n]{1,256}$/)
    .nullable(),
  /** Encoded, so that a Date survives a JSON column. */
  input: z.string().max(LIMITS.inputBytes),
  /** ms since 1970; null: as soon as it is submitted. */
  runAtMs: z.int().min(0).max(9_999_999_999_999).nullable(),
  priority: z.enum(PRIORITIES),
  tags: z.array(z.string().regex(KEY_PATTERN).max(LIMITS.tagLength)).max(LIMITS.tags),
  /** The caller's, or the job's id: without one a job that was pruned could be made again. */
  idempotencyKey: Key,
  uniqueKey: Key.nullable(),
  /** Of the contract that the input fits. */
  version: z.int().min(1),
  startWithinMs: z.int().min(0).max(LIMITS.delayMs).nullable(),
  limitKeys: z.strictObject({ concurrency: LimitKey, rate: LimitKey }),
});
/** See the schema. */
export type PreparedJob = z.infer<typeof PreparedJob>;
