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
 * Submits one job. Repeats the call with the same idempotency key until it gets a reply; see `untilAnswered`. An `outcome_unknown`
 * has the key in its `data`. Rejects without sending anything if the options are invalid, or if the input cannot be encoded or is
 * too large.
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
