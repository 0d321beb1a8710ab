import { type SubmitOptions, TelltaleError } from "../../core/index.js";
import { toWireOptions } from "../../core/internal.js";
import type { WireSubmit } from "../procedures.js";
import { randomText } from "../random-text.js";

/** One job to submit. */
export interface ToSubmit {
  readonly kind: string;
  readonly input: unknown;
  readonly options: SubmitOptions;
}

/** A job as the wire takes it, under an idempotency key that all tries share. */
export function wireSubmit({ kind, input, options }: ToSubmit): WireSubmit {
  return { kind, input, options: { idempotencyKey: randomText(16), ...toWireOptions(options) } };
}

/** A failure as the submitter is told it: one that left the outcome unknown carries the key to repeat it with. */
export function withKey(error: TelltaleError, { options: { idempotencyKey } }: WireSubmit): TelltaleError {
  if (error.code !== "outcome_unknown") return error;
  return new TelltaleError(
    "outcome_unknown",
    `The job may or may not have been submitted: repeat with the same idempotency key. ${error.message}`,
    { data: { idempotencyKey }, cause: error.cause },
  );
}
