import { durationMs, ERROR_CODES, type ErrorCode, type SubmitOptions, TelltaleError } from "@telltale/core";
import { backoffMs } from "./backoff.js";
import type { Closing } from "./closing.js";
import type { WireProcedures, WireSubmit } from "./procedures.js";
import { randomText } from "./random-text.js";
import { readSubmitted, type Submitted } from "./reply.js";
import { toTelltaleError } from "./to-telltale-error.js";
import { withDeadline } from "./with-deadline.js";

const MAX_TRIES = 5;
const TRY_MS = 6_000;
const TOTAL_MS = 20_000;

/** Refusals that hold for every try with this key, so that not even one whose answer was lost made a job. */
const SETTLES_ALL_TRIES: ReadonlySet<ErrorCode> = new Set([
  "invalid_input",
  "unknown_kind",
  "too_large",
  "idempotency_conflict",
  "unique_conflict",
]);

/** What to submit, and through what. */
export interface Submission {
  readonly kind: string;
  readonly input: unknown;
  readonly options: SubmitOptions;
  readonly closing: Closing;
}

/**
 * Submits one job under one idempotency key, as often as it takes: at most 5 tries in 20 s. Rejects with `outcome_unknown`,
 * the key in `data`, as soon as one of the tries may have made the job and no answer says which.
 */
export async function submit(procedures: WireProcedures, submission: Submission): Promise<Submitted> {
  const request = wireSubmit(submission);
  const { closing } = submission;
  const deadline = performance.now() + TOTAL_MS;
  let mayExist = false;
  for (let tries = 1; ; tries++) {
    try {
      const ms = Math.min(TRY_MS, deadline - performance.now());
      return readSubmitted(
        await withDeadline({ ms, closing }, (signal) => procedures.submit.mutate(request, { signal })),
      );
    } catch (cause) {
      const error = toTelltaleError(cause);
      mayExist ||= error.code === "outcome_unknown";
      const delayMs = backoffMs(tries - 1);
      const isOver = tries === MAX_TRIES || performance.now() + delayMs > deadline;
      if (isOver || !ERROR_CODES[error.code].retry) throw verdict(error, mayExist, request);
      await pause(delayMs, closing);
    }
  }
}

function wireSubmit({ kind, input, options }: Submission): WireSubmit {
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

function verdict(error: TelltaleError, mayExist: boolean, request: WireSubmit): TelltaleError {
  if (!mayExist || SETTLES_ALL_TRIES.has(error.code)) return error;
  const { idempotencyKey } = request.options;
  return new TelltaleError(
    "outcome_unknown",
    "The job may or may not have been submitted: repeat with the same idempotency key",
    { data: { idempotencyKey }, cause: error },
  );
}

async function pause(ms: number, closing: Closing): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      closing.off(done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    closing.on(done);
  });
}
