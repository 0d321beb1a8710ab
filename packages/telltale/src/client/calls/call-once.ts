import { toTelltaleError } from "../to-telltale-error.js";
import type { Closing } from "../transport/closing.js";
import { withDeadline } from "./with-deadline.js";

const CALL_MS = 10_000;

/** Makes a call without retries. Rejects with a `TelltaleError`. */
export async function callOnce(closing: Closing, call: (signal: AbortSignal) => Promise<unknown>): Promise<unknown> {
  try {
    return await withDeadline({ ms: CALL_MS, closing }, call);
  } catch (cause) {
    throw toTelltaleError(cause);
  }
}
