import type { CancelOutcome, JobRef } from "@telltale/core";
import type { Closing } from "./closing.js";
import type { WireProcedures } from "./procedures.js";
import { readCancelled } from "./reply.js";
import { toTelltaleError } from "./to-telltale-error.js";
import { withDeadline } from "./with-deadline.js";

const CALL_MS = 10_000;

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
  try {
    const reply = await withDeadline({ ms: CALL_MS, closing }, (signal) => procedures.cancel.mutate(ref, { signal }));
    return readCancelled(reply);
  } catch (cause) {
    throw toTelltaleError(cause);
  }
}
