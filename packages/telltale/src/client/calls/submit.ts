import type { WireProcedures } from "../procedures.js";
import { toTelltaleError } from "../to-telltale-error.js";
import type { Closing } from "../transport/closing.js";
import { checkedBytes } from "./checked-bytes.js";
import { readSubmitted, type Submitted } from "./reply.js";
import { untilAnswered } from "./until-answered.js";
import { type ToSubmit, wireSubmit, withKey } from "./wire-submit.js";

/** A job to submit. */
export interface Submission extends ToSubmit {
  readonly closing: Closing;
}

/**
 * Submits one job, repeating the call under the same idempotency key until it is answered; see `untilAnswered`. The key is in
 * the `data` of an `outcome_unknown`. Rejects before anything is sent if the options are not usable, or the input cannot be
 * encoded or is too large.
 */
export async function submit(procedures: WireProcedures, submission: Submission): Promise<Submitted> {
  const request = wireSubmit(submission);
  checkedBytes(request);
  try {
    return await untilAnswered(submission.closing, async (signal) =>
      readSubmitted(await procedures.submit.mutate(request, { signal })),
    );
  } catch (cause) {
    throw withKey(toTelltaleError(cause), request);
  }
}
