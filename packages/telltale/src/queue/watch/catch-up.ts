import type { Position } from "../../core/index.js";
import type { Transition } from "../record/feed-line.js";
import type { JobRecord } from "../scripts/reading/read.js";
import { fromRecord, fromTransition, type JobUpdate, newestPayload } from "./job-update.js";

/**
 * Returns the updates that bring a watcher up to date, oldest first.
 *
 * Without a cursor, these are all events of the round, or a snapshot if its first events are no longer kept. With a cursor, these are
 * all events after it, or a snapshot with `reset` if the kept history does not contain the cursor. It is then unknown what the watcher
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
  const isKept = known?.at === cursor.epoch && !(cursor.seq === record.seq && cursor.rev > record.rev);
  return isKept ? after(record, history, cursor) : [fromRecord(record, true)];
}

function after(record: JobRecord, history: readonly Transition[], cursor: Pick<Position, "seq" | "rev">): JobUpdate[] {
  const updates = history.filter((transition) => transition.seq > cursor.seq).map(fromTransition);
  const newest = updates.at(-1);
  if (record.rev > 0 && (newest !== undefined || record.rev > cursor.rev) && record.status === "running") {
    updates.push(fromRecord(record, false));
  }
  return updates;
}

// The feed does not contain a job's first event, which is derived from the hash. It does not contain the payload of the newest event
// either while the hash has it.
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
