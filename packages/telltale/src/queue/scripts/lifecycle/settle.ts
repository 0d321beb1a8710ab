import { listOf, oneOf, unexpected, wholeNumber } from "../checked-reply.js";
import type { ReplyParser } from "../script.js";
import type { Lease } from "./claim.js";

/** A progress report that was waiting in the worker when its attempt ended. */
export interface PendingProgress {
  /** The report's number within the attempt, from 1. */
  readonly n: number;
  /** Encoded. */
  readonly progress: string;
}

/** The refusals of all settling scripts. */
const REFUSALS = ["lease_lost", "not_found"] as const;

/** Converts a lease to a script argument. */
export function leaseArgument({ id, fence }: Lease): string {
  return `${id} ${fence}`;
}

/** Converts a progress report to a script argument, '' for none. */
export function progressArgument(pending: PendingProgress | null): string {
  return pending === null ? "" : `${pending.n} ${pending.progress}`;
}

/** The reply of a settling script for one job: its new status with the seq of the event, or a refusal. */
export type SettlingReply<S extends string> = readonly [S, number] | readonly ["lease_lost" | "not_found"];

/** Parses the reply of a settling script: a status with the seq of its event, or a refusal. */
export function settlingReply<const S extends string>(...statuses: readonly S[]): ReplyParser<SettlingReply<S>[]> {
  return listOf((value) => {
    if (typeof value !== "string") throw unexpected(value);
    const end = value.indexOf(" ");
    if (end < 0) return [oneOf(REFUSALS, value)];
    return [oneOf(statuses, value.slice(0, end)), wholeNumber(value.slice(end + 1))];
  });
}
