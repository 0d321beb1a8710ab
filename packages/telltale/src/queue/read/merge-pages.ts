import type { ListedJob, ListedPage, SortedEntry } from "../scripts/reading/listed.js";
import type { ListCursor, WaitingList } from "./list-cursor.js";

/** What one place in Redis holds of a list. */
export interface Stream {
  /** null for what is sorted by time, which all goes on after one entry. */
  readonly waiting: WaitingList | null;
  readonly page: ListedPage;
}

/** What stands next in a stream: a job, or the point up to which it was looked through without one. */
interface Head extends SortedEntry {
  readonly stream: Stream;
  readonly index: number;
  readonly job: ListedJob | null;
}

/**
 * One page of several streams, newest first, and where to go on; null after the last. Nothing behind the point up to
 * which a stream was looked through is taken: that stream may still hold something newer.
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
    // One that moved between two reads was found in both: it counts where it stands now.
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
  // Where no time was read, anything may follow.
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
