import type { RecordEvent } from "../history/history-event.js";

/** One claim of a job, as its feed shows it. */
export interface Claim {
  readonly fence: number;
  readonly seq: number;
  readonly at: number;
  /** When the job left `running`; null while it is there. */
  readonly endedAt: number | null;
  /** The lease ran out and somebody reclaimed the job. */
  readonly wasLost: boolean;
}

/**
 * The claims of a job with the fence each was given: claim and reclaim raise it by one, nothing else does. Null where
 * the feed was trimmed and fences cannot be counted.
 */
export function claimsOf(record: RecordEvent): Claim[] | null {
  if (record.feed[0]?.seq !== 1) return null;
  let fence = 0;
  return record.feed.flatMap((transition, at): Claim[] => {
    if (transition.status !== "running") return [];
    fence += 1;
    const next = record.feed[at + 1];
    const claim = { fence, seq: transition.seq, at: transition.at, endedAt: next?.at ?? null };
    const code = at + 1 === record.feed.length - 1 && next?.status === "failed" ? record.code : next?.code;
    const wasLost = code === "worker_lost";
    if (wasLost) fence += 1;
    return [{ ...claim, wasLost }];
  });
}
