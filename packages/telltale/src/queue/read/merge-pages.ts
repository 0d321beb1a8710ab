import type { ListedJob, ListedPage, SortedEntry } from "../scripts/reading/listed.js";
import type { ListCursor, WaitingList } from "./list-cursor.js";

/** The part of a list that comes from one key in Redis. */
export interface Stream {
  /** The waiting list. Null for a key that is sorted by time; all of these share one position in the cursor. */
  readonly waiting: WaitingList | null;
  readonly page: ListedPage;
}

/** The next item of a stream: a job, or the point where the search stopped without finding another one. */
interface Head extends SortedEntry {
  readonly stream: Stream;
  readonly index: number;
  readonly job: ListedJob | null;
}

/**
 * Merges several streams into one page, newest first. The returned cursor continues after it, and is null after the last page. Jobs
 * that are older than the point where the search of any stream stopped are left for the next page, because that stream may still
 * contain newer ones.
 */
export function mergePages(
  streams: readonly Stream[],
  { limit, from }: Readonly<{ limit: number; from: ListCursor }>,
): { jobs: ListedJob[]; cursor: ListCursor | null } {
  const taken = new Map<Stream, number>();
  const waiting = new Map(from.waiting.map((entry) => [nameOf(entry), entry]));
  const jobs = new Map<string, ListedJob>();
  let { sorted } = from;
  for (;;) {
    const head = newestOf(streams.map((stream) => headOf(stream, taken.get(stream) ?? 0)));
    if (!head) return { jobs: [...jobs.values()], cursor: null };
    if (jobs.size === limit) break;
    const { stream, job, time, id, index } = head;
    if (stream.waiting) {
      waiting.set(nameOf(stream.waiting), { ...stream.waiting, index, id, time: Number.isFinite(time) ? time : null });
    } else {
      sorted = { time, id };
    }
    if (!job) break;
    taken.set(stream, (taken.get(stream) ?? 0) + 1);
    // A job whose status changed between two reads may be found twice. The first one has the newer status.
    if (!jobs.has(id)) jobs.set(id, job);
  }
  return { jobs: [...jobs.values()], cursor: { sorted, waiting: [...waiting.values()] } };
}

function headOf(stream: Stream, taken: number): Head | null {
  const job = stream.page.jobs[taken];
  if (job) {
    const time = stream.waiting ? job.at : job.order;
    return { stream, job, id: job.id, time, index: stream.waiting ? job.order : 0 };
  }
  const { next } = stream.page;
  // The time of this point is unknown, so jobs of any age may follow.
  return next && { stream, job: null, id: next.id, time: next.time ?? Number.POSITIVE_INFINITY, index: next.index };
}

function newestOf(heads: readonly (Head | null)[]): Head | null {
  let newest: Head | null = null;
  for (const head of heads) if (head && (!newest || isNewer(head, newest))) newest = head;
  return newest;
}

function isNewer(a: Head, b: Head): boolean {
  return a.time === b.time ? a.id > b.id : a.time > b.time;
}

function nameOf({ queue, priority }: WaitingList): string {
  return `${queue}\n${priority}`;
}
