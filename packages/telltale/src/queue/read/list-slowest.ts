import { isFinal, type JobPage, type JobSummary, LIMITS } from "../../core/index.js";
import type { ListInput } from "../../core/schemas.js";
import { type Listing, listJobs } from "./list-jobs.js";

/** How many records are read for one page. */
const SEEN = 5_000;
/** How many jobs one call of a script may return. */
const PER_CALL = 200;
const MOST_CALLS = 50;

/**
 * Returns the slowest of the newest 5,000 jobs, slowest first. The cursor continues with the 5,000 before them, whose slowest jobs may be
 * slower than those of this page.
 */
export async function listSlowest(query: ListInput, listing: Listing): Promise<JobPage> {
  const { limit = LIMITS.batch } = query;
  const now = (await listing.queues[0]?.stats())?.at ?? 0;
  let slowest: JobSummary[] = [];
  let seen = 0;
  let { cursor } = query;
  for (let calls = 1; ; calls++) {
    const page = await listJobs({ ...query, limit: PER_CALL, cursor }, listing);
    const timed = page.jobs.map((job) => ({ ...job, tookMs: tookMs(job, now) }));
    slowest = [...slowest, ...timed].sort((a, b) => (b.tookMs ?? 0) - (a.tookMs ?? 0)).slice(0, limit);
    seen += page.seen ?? 0;
    if (page.cursor === null || seen >= SEEN || calls >= MOST_CALLS)
      return { jobs: slowest, seen, cursor: page.cursor };
    cursor = page.cursor;
  }
}

function tookMs({ status, at, createdAt }: JobSummary, now: number): number {
  return Math.max(0, isFinal(status) ? at - createdAt : now - at);
}
