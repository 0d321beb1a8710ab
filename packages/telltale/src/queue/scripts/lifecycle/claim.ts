import type { WorkerIdentity } from "../../../core/index.js";
import type { QueueLimits } from "../../record/queue-limits.js";
import { parseJobLine } from "../../record/record-lines.js";
import { storedTags } from "../../record/stored-tags.js";
import { workerText } from "../../record/worker-text.js";
import { unexpected, wholeNumber } from "../checked-reply.js";
import { defineScript } from "../script.js";

/** The right to settle one attempt. */
export interface Lease {
  readonly id: string;
  readonly fence: number;
}

/** A job with its lease. */
export interface LeasedJob extends Lease {
  readonly kind: string;
  readonly owner: string | null;
  /** Encoded. Decode it and parse it with the contract. */
  readonly input: string;
  readonly attempt: number;
  readonly attempts: number;
  readonly round: number;
  readonly tags: readonly string[];
  /** Redis's time at the submit, ms since 1970. */
  readonly createdAt: number;
  readonly version: number;
  /** The number of the job's ancestors: 0 unless another job submitted it. */
  readonly depth: number;
  /** The account for which the job counts as outstanding. Null for that of its owner. */
  readonly account: string | null;
}

function leasedJob(header: unknown, input: unknown): LeasedJob {
  if (typeof header !== "string" || typeof input !== "string") throw unexpected(header);
  const end = header.indexOf("\n");
  const [id = "", fence, attempt, round] = header.slice(0, end).split(" ");
  const { options, kind, attempts, createdAt, version } = parseJobLine(header.slice(end + 1));
  return {
    id,
    fence: wholeNumber(fence),
    kind,
    owner: options.get("owner") ?? null,
    input,
    attempt: wholeNumber(attempt),
    attempts,
    round: wholeNumber(round),
    tags: storedTags(options.get("tags") ?? ""),
    createdAt,
    version,
    depth: Number(options.get("depth") ?? 0),
    account: options.get("account") ?? null,
  };
}

/** A request of a claim loop. */
export interface ClaimRequest {
  /** Identifies the loop, which has one outstanding claim at a time. */
  readonly loop: string;
  /** Identifies the request. Keep it until there is a reply, then use a new one. */
  readonly request: string;
  /** The maximum number of jobs to claim. */
  readonly room: number;
  readonly leaseMs: number;
  /** The worker that runs the jobs. Operators see it in `get`. @default none */
  readonly worker?: WorkerIdentity;
}

/** Leases jobs to a worker. */
export const claim = defineScript("claim", {
  args: (
    {
      loop,
      request,
      room,
      leaseMs,
      worker,
      limits,
      rememberMs,
    }: ClaimRequest & { limits: QueueLimits; rememberMs: number },
    clock,
  ) => [
    ...[clock, loop, request, room, leaseMs, rememberMs, worker ? workerText(worker) : ""],
    ...[limits.concurrency ?? "", limits.rate?.max ?? "", limits.rate?.perMs ?? ""],
    ...limits.kinds.flatMap(({ kind, concurrency, rate }) => [
      kind,
      concurrency ?? "",
      rate?.max ?? "",
      rate?.perMs ?? "",
    ]),
  ],
  reply: {
    parse: (reply) => {
      if (!Array.isArray(reply)) throw unexpected(reply);
      const [word, more, deserted, nextDueInMs, now, late]: unknown[] = reply;
      if (word !== "claimed" || typeof nextDueInMs !== "number" || !Array.isArray(late)) throw unexpected(reply);
      const jobs: LeasedJob[] = [];
      for (let i = 6; i < reply.length; i += 2) jobs.push(leasedJob(reply[i], reply[i + 1]));
      return {
        jobs,
        /** Redis's time at the claim, ms since 1970. */
        now: wholeNumber(now),
        /** The ids of jobs that the claim cancelled, because they did not start within their `startWithin`. */
        late: late.map(String),
        /** Whether another claim may find jobs at once. */
        more: more === 1,
        /** Whether the queue has no unfinished jobs, no schedules and no records to repair, so that it needs no upkeep. */
        deserted: deserted === 1,
        /**
         * The time until a job is due, a parked group may try again, or the queue's rate limit allows a start, ms. Null if there is
         * no such time.
         */
        nextDueInMs: nextDueInMs < 0 ? null : nextDueInMs,
      };
    },
  },
});

/** The reply of a claim. */
export type Claimed = ReturnType<typeof claim.parse>;
