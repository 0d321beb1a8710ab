import type { History, JobHistory } from "../history/history.js";
import type { RecordEvent } from "../history/history-event.js";
import { MIN_BACKOFF_MS } from "../work.js";
import type { Violation } from "./violation.js";

// The backoff after a reclaim: 1 s x 2^(n-1), at most one minute.
const LOST_BACKOFF_MS = 1_000;
const LOST_BACKOFF_MOST_MS = 60_000;

/** G16 and G17: no job starts before its delay is over, and none is retried before its backoff is over. */
export function noEarlyStart({ keys, jobs }: History): Violation[] {
  return [...jobs.values()].flatMap((job) => {
    const { record } = job;
    if (!record) return [];
    const asked = keys.get(record.key)?.[0];
    const dueAt = Math.max(record.runAt ?? 0, asked ? asked.t + asked.delayMs : 0);
    return [...beforeItsDelay(job, dueAt), ...beforeItsBackoff(record)];
  });
}

// Only in the first round, because a rerun starts at once.
function beforeItsDelay({ id, record, execs }: JobHistory, dueAt: number): Violation[] {
  const claim = record?.feed.find(({ status }) => status === "running");
  if (claim?.round !== 1) return [];
  const earlyMs = dueAt - Math.min(claim.at, execs[0]?.t ?? claim.at);
  return earlyMs > 0 ? [{ rule: "G16", job: id, says: `started ${earlyMs} ms too early` }] : [];
}

function beforeItsBackoff({ job, feed }: RecordEvent): Violation[] {
  return feed.flatMap(({ at, attempt, code, status }, index) => {
    const next = feed[index + 1];
    if (status !== "retrying" || next?.status !== "queued") return [];
    const lostMs = Math.min(LOST_BACKOFF_MOST_MS, LOST_BACKOFF_MS * 2 ** (attempt - 1));
    const leastMs = code === "worker_lost" ? lostMs : MIN_BACKOFF_MS;
    const waitedMs = next.at - at;
    return waitedMs < leastMs ? [{ rule: "G17", job, says: `was retried after ${waitedMs} of ${leastMs} ms` }] : [];
  });
}
