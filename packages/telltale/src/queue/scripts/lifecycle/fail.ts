import { defineScript } from "../script.js";
import type { Lease } from "./claim.js";
import { leaseArgument, type PendingProgress, progressArgument, settlingReply } from "./settle.js";

/** A failed attempt. */
export interface Failure extends Lease {
  /** A `StoredError`, encoded. */
  readonly error: string;
  /** The delay before the retry, or null for none. */
  readonly retryInMs: number | null;
  readonly pending: PendingProgress | null;
}

/** A failed attempt with the code of its error, or null if the error is malformed. */
export interface CodedFailure extends Failure {
  readonly code: string | null;
}

/** Settles attempts that failed. */
export const fail = defineScript("fail", {
  args: ({ items, rememberMs }: { items: readonly CodedFailure[]; rememberMs: number }, clock) => [
    clock,
    rememberMs,
    ...items.flatMap((item) => [
      leaseArgument(item),
      item.error,
      item.code ?? "",
      item.retryInMs ?? "",
      progressArgument(item.pending),
    ]),
  ],
  reply: settlingReply("retrying", "failed", "cancelled"),
});
