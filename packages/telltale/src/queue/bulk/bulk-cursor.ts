import { z } from "zod";
import { TelltaleError } from "../../core/index.js";
import { JOB_ID_PATTERN } from "../../core/internal.js";

const Count = z.int().min(0);
// The latest time that a Date can hold.
const Time = z.number().min(0).max(8.64e15);

const State = z.strictObject({
  /** The digest of the action and its filter. */
  of: z.string(),
  /** When the action began, Redis's time. Jobs that were submitted or ended later do not match. */
  began: Time,
  /** How often all places were gone through before. */
  look: Count,
  /** How many jobs this time has changed. */
  lookDone: Count,
  /** The place to continue in, null for the first one, or `end` after the last one. */
  place: z.union([z.tuple([z.string(), z.string()]), z.literal("end")]).nullable(),
  after: z.tuple([Time.nullable(), z.string().regex(JOB_ID_PATTERN), Count]).nullable(),
  seen: Count,
  matched: Count,
  done: Count,
  requested: Count,
  skipped: z.record(z.string().max(32), Count),
});

/** Where a bulk action continues, and what it has done so far. */
export type BulkState = z.infer<typeof State>;

/** Formats a cursor for the wire. It gives no access: every step checks what its caller may do. */
export function formatBulkCursor(state: BulkState): string {
  return Buffer.from(JSON.stringify(state)).toString("base64url");
}

/** Parses a cursor. Throws `invalid_input` if it is malformed, or belongs to another action or filter. */
export function parseBulkCursor(text: string, of: string): BulkState {
  const parsed = State.safeParse(json(Buffer.from(text, "base64url").toString()));
  if (parsed.success && parsed.data.of === of) return parsed.data;
  throw new TelltaleError(
    "invalid_input",
    "The cursor belongs to another bulk action. Use the action and the filter of the step that returned it",
  );
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
