import { z } from "zod";
import type { QueueLimits } from "../../record/queue-limits.js";
import { storedTags } from "../../record/stored-tags.js";
import { Whole } from "../reply-fields.js";
import { defineScript } from "../script.js";

/** The right to settle one attempt. */
export interface Lease {
  readonly id: string;
  readonly fence: number;
}

const LeasedJob = z
  .tuple([
    z.string(),
    Whole,
    z.string(),
    z.string(),
    z.string(),
    Whole,
    Whole,
    Whole,
    z.string(),
    Whole,
    Whole,
    Whole,
    z.string(),
  ])
  .transform(([id, fence, kind, owner, input, attempt, attempts, round, tags, createdAt, version, depth, account]) => ({
    id,
    fence,
    kind,
    owner: owner === "" ? null : owner,
    /** Encoded. Decode it and parse it with the contract. */
    input,
    attempt,
    attempts,
    round,
    tags: storedTags(tags),
    createdAt,
    version,
    /** The number of the job's ancestors: 0 unless another job submitted it. */
    depth,
    /** The account for which the job counts as outstanding. Null for that of its owner. */
    account: account === "" ? null : account,
  }));

/** A job with its lease. */
export type LeasedJob = z.output<typeof LeasedJob>;

/** A request of a claim loop. */
export interface ClaimRequest {
  /** Identifies the loop, which has one outstanding claim at a time. */
  readonly loop: string;
  /** Identifies the request. Keep it until there is a reply, then use a new one. */
  readonly request: string;
  /** The maximum number of jobs to claim. */
  readonly room: number;
  readonly leaseMs: number;
}

/** Leases jobs to a worker. */
export const claim = defineScript("claim", {
  args: (
    { loop, request, room, leaseMs, limits, rememberMs }: ClaimRequest & { limits: QueueLimits; rememberMs: number },
    clock,
  ) => [
    ...[clock, loop, request, room, leaseMs, rememberMs],
    ...[limits.concurrency ?? "", limits.rate?.max ?? "", limits.rate?.perMs ?? ""],
    ...limits.kinds.flatMap(({ kind, concurrency, rate }) => [
      kind,
      concurrency ?? "",
      rate?.max ?? "",
      rate?.perMs ?? "",
    ]),
  ],
  reply: z
    .tuple([z.literal("claimed"), z.number(), z.number(), z.number(), z.array(z.string())], LeasedJob)
    .transform(([, more, nextDueInMs, now, late, ...jobs]) => ({
      jobs,
      /** Redis's time at the claim, ms since 1970. */
      now,
      /** The ids of jobs that the claim cancelled, because they did not start within their `startWithin`. */
      late,
      /** Whether another claim may find jobs at once. */
      more: more === 1,
      /**
       * The time until a job is due, a parked group may try again, or the queue's rate limit allows a start, ms. Null if there is
       * no such time.
       */
      nextDueInMs: nextDueInMs < 0 ? null : nextDueInMs,
    })),
});

/** The reply of a claim. */
export type Claimed = ReturnType<typeof claim.parse>;
