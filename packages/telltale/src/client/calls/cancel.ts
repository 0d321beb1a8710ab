import type { CancelOutcome } from "../../core/index.js";
import type { JobRef } from "../../core/schemas.js";
import type { WireProcedures } from "../procedures.js";
import type { Closing } from "../transport/closing.js";
import { callOnce } from "./call-once.js";
import { readCancelled } from "./reply.js";

/** What to cancel, and through what. */
export interface Cancellation {
  readonly ref: JobRef;
  readonly procedures: WireProcedures;
  readonly closing: Closing;
}

/**
 * Cancels a job with one call. It is not repeated by itself: after a lost answer a second call says `already_finished` of
 * a job that the first one cancelled, and only the caller knows whether that matters.
 */
export async function cancel({ ref, procedures, closing }: Cancellation): Promise<CancelOutcome> {
  return readCancelled(await callOnce(closing, (signal) => procedures.cancel.mutate(ref, { signal })));
}
