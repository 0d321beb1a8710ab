import type { JobStatus } from "../contract/lifecycle.js";
import type { ListInput } from "../wire/wire.js";
import type { JobErrorCode } from "./job-error.js";

/** One job in a list: what it is and how it stands, without its payloads. */
export interface JobSummary<K extends string = string> {
  id: string;
  kind: K;
  status: JobStatus;
  /** Redis time it took this status, ms since 1970. */
  at: number;
  /** Redis time it was submitted, ms since 1970. */
  createdAt: number;
  round: number;
  attempt: number;
  /** The subject it belongs to; told to operators. */
  owner?: string;
  tags: string[];
  /** While it waits for its time or its retry: when that is, ms since 1970. */
  runAt?: number;
  /** What it failed with last, where it failed, was cancelled or waits for a retry: a code of its contract or of `JOB_ERRORS`. */
  error?: { code: JobErrorCode | (string & {}); message: string };
}

/** One page of a list, newest first. May be short, even empty, where few jobs fit: only a `cursor` of null is the end. */
export interface JobPage<K extends string = string> {
  jobs: JobSummary<K>[];
  cursor: string | null;
}

/** Which jobs of a kind to list. */
export type ListOptions = Omit<ListInput, "kind" | "queue">;

/** A list of jobs, read page by page. Nothing is asked until it is used. */
export interface JobPages<K extends string = string> extends AsyncIterable<JobPage<K>> {
  /** The one page at `cursor`, or the first. */
  page(): Promise<JobPage<K>>;
}

/** `JobPages` over whatever reads the page at a cursor. */
export function jobPages<K extends string>(
  first: string | undefined,
  read: (cursor: string | undefined) => Promise<JobPage<K>>,
): JobPages<K> {
  return {
    page: () => read(first),
    async *[Symbol.asyncIterator]() {
      let cursor: string | null | undefined = first;
      while (cursor !== null) {
        const page: JobPage<K> = await read(cursor);
        if (page.jobs.length > 0) yield page;
        cursor = page.cursor;
      }
    },
  };
}
