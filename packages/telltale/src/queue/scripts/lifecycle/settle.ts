import { listOf, oneOf, unexpected, wholeNumber } from "../checked-reply.js";
import type { ReplyParser } from "../script.js";

/** A report that waited at the worker when its attempt ended. */
export interface PendingProgress {
  /** Its number within the attempt, from 1. */
  readonly n: number;
  /** Encoded. */
  readonly progress: string;
}

/** The refusals every settling script shares. */
const REFUSALS = ["lease_lost", "not_found"] as const;

/** The reply of a settling script: a status with the seq of its event, or a refusal. */
export function settlingReply<const S extends string>(
  ...statuses: readonly S[]
): ReplyParser<([S, number] | ["lease_lost" | "not_found"])[]> {
  return listOf((value) => {
    if (!Array.isArray(value)) throw unexpected(value);
    const [word, seq]: unknown[] = value;
    if (value.length === 1) return [oneOf(REFUSALS, word)];
    if (value.length > 2) throw unexpected(value);
    return [oneOf(statuses, word), wholeNumber(seq)];
  });
}
