import type { RecordEvent } from "../history/history-event.js";

/** One claim of a job, as its feed shows it. */
interface Claim {
  readonly fence: number;
  readonly seq: number;
  readonly at: number;
  /** When the job left `running`; null if it has not. */
  readonly endedAt: number | null;
  /** The lease expired and the job was reclaimed. */
  readonly wasLost: boolean;
}

/** The claims of a job, and the fence it must have after them. */
export interface Leases {
  readonly claims: readonly Claim[];
  readonly fence: number;
}

/**
 * The claims of a job, each with its fence. Only claim and reclaim increase the fence, by one each. The feed does not
 * say whether a cancelled attempt was ended by its worker or by a reclaim, so the record's fence decides. Null if the
 * feed was trimmed, or if several attempts were cancelled and the fence cannot tell which of them was reclaimed.
 */
export function leasesOf(record: RecordEvent): Leases | null {
  if (record.feed[0]?.seq !== 1) return null;
  const settled = count(record, false);
  const reclaimed = count(record, true);
  if (record.fence === reclaimed.fence) return reclaimed;
  return record.fence > settled.fence && record.fence < reclaimed.fence ? null : settled;
}

function count(record: RecordEvent, isCancelReclaim: boolean): Leases {
  let fence = 0;
  const claims = record.feed.flatMap((transition, at): Claim[] => {
    if (transition.status !== "running") return [];
    fence += 1;
    const next = record.feed[at + 1];
    const claim = { fence, seq: transition.seq, at: transition.at, endedAt: next?.at ?? null };
    const code = at + 1 === record.feed.length - 1 && next?.status === "failed" ? record.code : next?.code;
    const wasLost = code === "worker_lost" || (isCancelReclaim && next?.status === "cancelled");
    if (wasLost) fence += 1;
    return [{ ...claim, wasLost }];
  });
  return { claims, fence };
}
