import type { CancelOutcome, JobRef } from "@telltale/core";
import type { WireProcedures } from "./procedures.js";
import { readCancelled } from "./reply.js";
import { toTelltaleError } from "./to-telltale-error.js";
import { withDeadline } from "./with-deadline.js";

const CALL_MS = 10_000;

/** What to cancel, and through what. */
export interface Cancellation {
  readonly ref: JobRef;
  readonly procedures: WireProcedures;
  readonly closed: AbortSignal;
}

/**
 * Cancels a job with one call. It is not repeated by itself: after a lost answer a second call says `already_finished` of
 * a job that the first one cancelled, and only the caller knows whether that matters.
 */
export async function cancel({ ref, procedures, closed }: Cancellation): Promise<CancelOutcome> {
  try {
    const reply = await withDeadline({ ms: CALL_MS, closed }, (signal) => procedures.cancel.mutate(ref, { signal }));
    return readCancelled(reply);
  } catch (cause) {
    throw toTelltaleError(cause);
  }
}
