import { type BulkProgress, LIMITS, TelltaleError } from "../../core/index.js";
import type { QueueScripts } from "../scripts/queue-scripts.js";

const CALLS = 10;
const CURSOR_PATTERN = /^\d{1,15}$/;

/**
 * Deletes up to a thousand jobs of a queue, and the queue itself once it has none. Rejects with `invalid_input` unless the queue is paused and
 * runs no jobs. The cursor only counts: a queue can also be deleted by several callers.
 */
export async function obliterateStep(scripts: QueueScripts, cursor: string | undefined): Promise<BulkProgress> {
  if (cursor !== undefined && !CURSOR_PATTERN.test(cursor)) {
    throw new TelltaleError("invalid_input", "The cursor belongs to another bulk action");
  }
  let done = Number(cursor ?? 0);
  let finished = false;
  for (let calls = 0; calls < CALLS && !finished; calls++) {
    const reply = await scripts.obliterate(LIMITS.bulk);
    if (reply[0] === "not_paused") {
      throw new TelltaleError("invalid_input", `Queue ${scripts.queue} is not paused. Pause it before you delete it`);
    }
    if (reply[0] === "running") {
      throw new TelltaleError(
        "invalid_input",
        `Queue ${scripts.queue} still runs ${reply[1]} jobs. Wait for them or cancel them first`,
      );
    }
    done += reply[1];
    finished = reply[2] === 0;
  }
  const counts = { seen: done, matched: done, done, requested: 0, skipped: {} };
  return { ...counts, cursor: finished ? null : String(done), finished };
}
