import type { CancelOutcome } from "../../core/index.js";
import type { JobRef } from "../../core/schemas.js";
import type { WireProcedures } from "../procedures.js";
import type { Closing } from "../transport/closing.js";
import { callOnce } from "./call-once.js";
import { readCancelled } from "./reply.js";

/** A job to cancel, and the procedures to use. */
export interface Cancellation {
  readonly ref: JobRef;
  readonly procedures: WireProcedures;
  readonly closing: Closing;
}

/**
 * Cancels a job with one call, without retries. If the reply is lost, a second call could return `already_finished` for a job that
 * the first call cancelled. Only the caller knows whether that matters.
 */
export async function cancel({ ref, procedures, closing }: Cancellation): Promise<CancelOutcome> {
  return readCancelled(await callOnce(closing, (signal) => procedures.cancel.mutate(ref, { signal })));
}
