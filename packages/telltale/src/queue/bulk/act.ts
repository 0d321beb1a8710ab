import { type BulkAction, hasCode } from "../../core/index.js";
import { assertNever } from "../../core/internal.js";
import type { Wanted } from "../record/filter-arg.js";
import type { RerunQuota } from "../scripts/lifecycle/rerun.js";
import type { QueueScripts } from "../scripts/queue-scripts.js";
import type { ListedJob } from "../scripts/reading/listed.js";

/** What an action needs besides the jobs. */
export interface Acting {
  /** Checks that no other queue holds the job's unique key. Null for kinds whose jobs are only in one queue. */
  readonly checkElsewhere: (kind: string) => ((id: string, scripts: QueueScripts) => Promise<void>) | null;
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
  { scripts, wanted, checkElsewhere, quota }: Acting & Readonly<{ scripts: QueueScripts; wanted: Wanted }>,
): Promise<string[]> {
  const words: string[] = [];
  const together: ListedJob[] = [];
  for (const job of jobs) {
    const check = checkElsewhere(job.kind);
    const refusal = check && (await refusalOf(check(job.id, scripts)));
    if (refusal) words.push(refusal);
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

async function refusalOf(check: Promise<void>): Promise<string | null> {
  try {
    await check;
    return null;
  } catch (error) {
    if (hasCode(error, "unique_conflict")) return "unique_conflict";
    throw error;
  }
}
