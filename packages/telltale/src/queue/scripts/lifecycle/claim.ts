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
  .tuple([z.string(), Whole, z.string(), z.string(), z.string(), Whole, Whole, Whole, z.string(), Whole, Whole, Whole])
  .transform(([id, fence, kind, owner, input, attempt, attempts, round, tags, createdAt, version, depth]) => ({
    id,
    fence,
    kind,
    owner: owner === "" ? null : owner,
    /** As stored: `decode` it and parse it with the contract. */
    input,
    attempt,
    attempts,
    round,
    tags: storedTags(tags),
    createdAt,
    version,
    /** How many jobs it descends from. */
    depth,
  }));

/** A job and the lease on it. */
export type LeasedJob = z.output<typeof LeasedJob>;

/** What one claim loop asks for. */
export interface ClaimRequest {
  /** Names the loop: it has one claim outstanding at a time. */
  readonly loop: string;
  /** Repeated unchanged until answered; then a new one. */
  readonly request: string;
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
      /** Redis time of the claim, ms since 1970. */
      now,
      /** Ids of jobs that it cancelled, because they had not started in time. */
      late,
      /** Whether another claim would find work at once. */
      more: more === 1,
      /** ms until the next scheduled or retrying job is due, or null. */
      nextDueInMs: nextDueInMs < 0 ? null : nextDueInMs,
    })),
});

/** What a claim answers. */
export type Claimed = ReturnType<typeof claim.parse>;
