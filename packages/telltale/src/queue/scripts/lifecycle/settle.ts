import { listOf, oneOf, unexpected, wholeNumber } from "../checked-reply.js";
import type { ReplyParser } from "../script.js";

/** A progress report that was waiting in the worker when its attempt ended. */
export interface PendingProgress {
  /** The report's number within the attempt, from 1. */
  readonly n: number;
  /** Encoded. */
  readonly progress: string;
}

/** The refusals of all settling scripts. */
const REFUSALS = ["lease_lost", "not_found"] as const;

/** The reply of a settling script for one job: its new status with the seq of the event, or a refusal. */
export type SettlingReply<S extends string> = readonly [S, number] | readonly ["lease_lost" | "not_found"];

/** Parses the reply of a settling script: a status with the seq of its event, or a refusal. */
export function settlingReply<const S extends string>(...statuses: readonly S[]): ReplyParser<SettlingReply<S>[]> {
  return listOf((value) => {
    if (!Array.isArray(value)) throw unexpected(value);
    const [word, seq]: unknown[] = value;
    if (value.length === 1) return [oneOf(REFUSALS, word)];
    if (value.length > 2) throw unexpected(value);
    return [oneOf(statuses, word), wholeNumber(seq)];
  });
}
