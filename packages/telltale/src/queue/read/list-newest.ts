import type { JobPage } from "../../core/index.js";
import type { ListInput } from "../../core/schemas.js";
import { type Listing, listJobs } from "./list-jobs.js";

/** The most records that are read for a page without any matching job. */
const MOST_SEEN = 5_000;
/** Some calls read no record, such as those that search for a place in a waiting list. */
const MOST_CALLS = 50;

/**
 * Returns the next page with at least one job, newest first. If few jobs match, it reads on, in several bounded calls, until it has read
 * 5,000 records. Then the page is empty, and its cursor continues the search.
 */
export async function listNewest(query: ListInput, listing: Listing): Promise<JobPage> {
  let seen = 0;
  let { cursor } = query;
  for (let calls = 1; ; calls++) {
    const page = await listJobs({ ...query, cursor }, listing);
    seen += page.seen ?? 0;
    const isEnough = page.jobs.length > 0 || seen >= MOST_SEEN || calls >= MOST_CALLS;
    if (isEnough || page.cursor === null) return { ...page, seen };
    cursor = page.cursor;
  }
}
