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

/** Converts a job to its form on the wire. Adds a random idempotency key, shared by all tries, if the options have none. */
export function wireSubmit({ kind, input, options }: ToSubmit): WireSubmit {
  return { kind, input, options: { idempotencyKey: randomText(16), ...toWireOptions(options) } };
}

/** Adds the idempotency key to the `data` of an `outcome_unknown`, so that the caller can repeat the submit. */
export function withKey(error: TelltaleError, { options: { idempotencyKey } }: WireSubmit): TelltaleError {
  if (error.code !== "outcome_unknown") return error;
  return new TelltaleError(
    "outcome_unknown",
    `The job may or may not have been submitted. Submit again with the same idempotency key. ${error.message}`,
    { data: { idempotencyKey }, cause: error.cause },
  );
}
