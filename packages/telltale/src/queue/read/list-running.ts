import type { Wanted } from "../record/filter-arg.js";
import type { QueueScripts } from "../scripts/queue-scripts.js";
import type { ListedJob, ListedPage, SortedEntry, Span } from "../scripts/reading/listed.js";

// Half a million running jobs.
const MOST_CALLS = 1_000;

/** Returns one page of the running jobs of a queue, the most recently claimed first. Each call of the script reads 500 of them. */
export async function listRunning(
  scripts: QueueScripts,
  asked: Readonly<{ limit: number; span: Span; after: SortedEntry | null; wanted: Wanted }>,
): Promise<ListedPage> {
  // By id, because a job whose lease is extended between two calls is found twice.
  const found = new Map<string, ListedJob>();
  let hasMore = false;
  let read = 0;
  let afterExpiry: number | null = null;
  for (let calls = 0; calls < MOST_CALLS; calls++) {
    const { jobs, more, seen, nextExpiry } = await scripts.listRunning({ ...asked, afterExpiry });
    for (const job of jobs) found.set(job.id, job);
    hasMore ||= more;
    read += seen;
    afterExpiry = nextExpiry;
    if (afterExpiry === null) break;
  }
  const sorted = [...found.values()].sort((a, b) => b.order - a.order || (a.id < b.id ? 1 : -1));
  const jobs = sorted.slice(0, asked.limit);
  const last = jobs.at(-1);
  const isEnd = !hasMore && sorted.length === jobs.length;
  return { jobs, seen: read, next: last && !isEnd ? { time: last.order, id: last.id, index: 0 } : null };
}
