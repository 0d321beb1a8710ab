import { type BulkAction, hasCode, TelltaleError } from "../../core/index.js";
import { assertNever } from "../../core/internal.js";
import type { Wanted } from "../record/filter-arg.js";
import type { RerunQuota } from "../scripts/lifecycle/rerun.js";
import type { QueueScripts } from "../scripts/queue-scripts.js";
import type { ListedJob } from "../scripts/reading/listed.js";

/** What an action needs besides the jobs. */
export interface Acting {
  /** Returns a function that reruns one job, for kinds whose unique keys may be held in another queue. Null for other kinds. */
  readonly rerunAlone: (kind: string) => ((id: string) => Promise<void>) | null;
  readonly quota: RerunQuota | null;
  /** Called for each waiting job that was cancelled. */
  readonly onCancelled: (queue: string, id: string) => void;
}

/** Takes the action on jobs of one queue that still match. Returns one word for each, in any order. */
export async function act(
  action: BulkAction,
  jobs: readonly ListedJob[],
  { scripts, wanted, ...acting }: Acting & Readonly<{ scripts: QueueScripts; wanted: Wanted }>,
): Promise<string[]> {
  const ids = jobs.map(({ id }) => id);
  switch (action) {
    case "cancel": {
      const words = await scripts.cancelMany(ids, wanted);
      for (const [i, word] of words.entries()) {
        const id = ids[i];
        if (word === "cancelled" && id !== undefined) acting.onCancelled(scripts.queue, id);
      }
      return words;
    }
    case "rerun":
      return rerun(jobs, { scripts, wanted, ...acting });
    case "remove":
      return scripts.removeMany(ids, wanted);
    case "runNow":
      return scripts.runManyNow(ids, wanted);
    default:
      return assertNever(action);
  }
}

async function rerun(
  jobs: readonly ListedJob[],
  { scripts, wanted, rerunAlone, quota }: Acting & Readonly<{ scripts: QueueScripts; wanted: Wanted }>,
): Promise<string[]> {
  const words: string[] = [];
  const together: ListedJob[] = [];
  for (const job of jobs) {
    const alone = rerunAlone(job.kind);
    if (alone) words.push(await wordOf(alone(job.id)));
    else together.push(job);
  }
  for (let from = 0; from < together.length; ) {
    const some = await scripts.rerunMany(together.slice(from), wanted, quota);
    words.push(...some);
    // The script answers for at least one job.
    from += Math.max(1, some.length);
  }
  return words;
}

async function wordOf(rerun: Promise<void>): Promise<string> {
  try {
    await rerun;
    return "queued";
  } catch (error) {
    if (hasCode(error, "unique_conflict")) return "unique_conflict";
    if (hasCode(error, "too_many")) return "too_many";
    if (hasCode(error, "not_found")) return "gone";
    if (error instanceof TelltaleError && error.code === "invalid_input") return "changed";
    throw error;
  }
}
