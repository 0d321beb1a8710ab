import { type FailureGroup, JOB_ERRORS, type Jobs } from "../../core/index.js";
import { queuesOfKind } from "../../core/internal.js";
import type { QueueScripts } from "../scripts/queue-scripts.js";

/** How many entries one call of the script reads, and how many are read for one code of a queue. */
const PER_CALL = 1_000;
const MOST = 20_000;

/**
 * Groups the failed jobs of the contracts' kinds by kind and error code, the most recent first. Reads only the indexes, up to the newest
 * 20,000 jobs for each code in each queue.
 */
export async function listFailures(jobs: Jobs, queues: readonly QueueScripts[]): Promise<FailureGroup[]> {
  const groups: FailureGroup[] = [];
  for (const scripts of queues) {
    for (const code of codesIn(jobs, scripts.queue)) groups.push(...(await groupsOf(scripts, code)));
  }
  return groups
    .filter(({ kind }) => Object.hasOwn(jobs, kind))
    .sort((a, b) => b.lastAt - a.lastAt || (a.kind < b.kind ? -1 : 1));
}

/** The codes with which jobs in a queue can fail. */
function codesIn(jobs: Jobs, queue: string): Set<string> {
  const here = Object.values(jobs).filter((job) => queuesOfKind(job).includes(queue));
  return new Set([...Object.keys(JOB_ERRORS), ...here.flatMap((job) => Object.keys(job.errors))]);
}

async function groupsOf(scripts: QueueScripts, code: string): Promise<FailureGroup[]> {
  const byKind = new Map<string, FailureGroup>();
  let isPartial = true;
  for (let first = 0; first < MOST && isPartial; first += PER_CALL) {
    const { groups, more } = await scripts.failures({ code, first, limit: PER_CALL });
    for (const group of groups) {
      const known = byKind.get(group.kind);
      if (known) Object.assign(known, { count: known.count + group.count, firstAt: group.firstAt });
      else byKind.set(group.kind, { queue: scripts.queue, code, ...group, isPartial: false });
    }
    isPartial = more;
  }
  return [...byKind.values()].map((group) => ({ ...group, isPartial }));
}
