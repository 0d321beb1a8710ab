import { type SubmitOptions, TelltaleError } from "../../core/index.js";
import { durationMs } from "../../core/internal.js";
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
  const { delay, startWithin, tags, idempotencyKey = randomText(16), ...rest } = options;
  return {
    kind,
    input,
    options: {
      ...rest,
      idempotencyKey,
      ...(delay === undefined ? {} : { delayMs: durationMs(delay) }),
      ...(startWithin === undefined ? {} : { startWithinMs: durationMs(startWithin) }),
      ...(tags === undefined ? {} : { tags: [...tags] }),
    },
  };
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
