import { z } from "zod";

/** A report that waited at the worker when its attempt ended. */
export interface PendingProgress {
  /** Its number within the attempt, from 1. */
  readonly n: number;
  /** Encoded. */
  readonly progress: string;
}

const Seq = z.coerce.number().int();

/** The refusals every settling script shares. */
const Refused = z.union([z.tuple([z.literal("lease_lost")]), z.tuple([z.literal("not_found")])]);

/** The reply of a settling script: a status with the seq of its event, or a refusal. */
export function settlingReply<const S extends readonly [string, ...string[]]>(
  ...statuses: S
): z.ZodType<([S[number], number] | ["lease_lost"] | ["not_found"])[]> {
  return z.array(z.union([z.tuple([z.enum(statuses), Seq]), Refused]));
}
