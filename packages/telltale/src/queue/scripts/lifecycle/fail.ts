import { defineScript } from "../script.js";
import type { Lease } from "./claim.js";
import { type PendingProgress, settlingReply } from "./settle.js";

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
    ...items.flatMap(({ id, fence, error, code, retryInMs, pending }) => [
      id,
      fence,
      error,
      code ?? "",
      retryInMs ?? "",
      pending?.progress ?? "",
      pending?.n ?? 0,
    ]),
  ],
  reply: settlingReply("retrying", "failed", "cancelled"),
});
