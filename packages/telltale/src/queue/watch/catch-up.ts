import type { Position } from "../../core/index.js";
import type { Transition } from "../record/feed-line.js";
import type { JobRecord } from "../scripts/reading/read.js";
import { fromRecord, fromTransition, type JobUpdate, newestPayload } from "./job-update.js";

/**
 * What a watcher has to be given to be level with a job, oldest first.
 *
 * Without a cursor: the round from its first event, or a snapshot where that is no longer kept. With one: everything
 * after it, or a snapshot flagged `reset` where the kept history does not contain the cursor, so nobody can say what was
 * missed.
 */
export function catchUp(record: JobRecord, cursor: Position | null): JobUpdate[] {
  const history = keptHistory(record);
  if (!cursor) {
    const first = history.findIndex((transition) => transition.round === record.round);
    const complete = history[first]?.status === "queued" || history[first]?.status === "scheduled";
    return complete ? after(record, history.slice(first), { seq: 0, rev: 0 }) : [fromRecord(record, false)];
  }
  const known = history.find((transition) => transition.seq === cursor.seq);
  const isOurs = known?.at === cursor.epoch && !(cursor.seq === record.seq && cursor.rev > record.rev);
  return isOurs ? after(record, history, cursor) : [fromRecord(record, true)];
}

function after(record: JobRecord, history: readonly Transition[], cursor: Pick<Position, "seq" | "rev">): JobUpdate[] {
  const updates = history.filter((transition) => transition.seq > cursor.seq).map(fromTransition);
  const newest = updates.at(-1);
  if (record.rev > 0 && (newest !== undefined || record.rev > cursor.rev) && record.status === "running") {
    updates.push(fromRecord(record, false));
  }
  return updates;
}

// The feed holds neither the first event, which is derived from the hash, nor the payload of a round's end while the
// hash still has it.
function keptHistory(record: JobRecord): Transition[] {
  const kept = record.feed.map((transition) =>
    transition.seq === record.seq ? { ...transition, payload: newestPayload(record) } : transition,
  );
  if (record.seq - kept.length !== 1) return kept;
  const first: Transition = {
    seq: 1,
    at: record.createdAt,
    status: record.wasScheduled ? "scheduled" : "queued",
    round: 1,
    attempt: 0,
    payload: null,
  };
  return [first, ...kept];
}
