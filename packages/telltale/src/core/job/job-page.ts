import type { JobStatus } from "../contract/lifecycle.js";
import type { ListInput } from "../wire/wire.js";
import type { JobErrorCode } from "./job-error.js";

/** One job in a list, without its payloads. */
export interface JobSummary<K extends string = string> {
  id: string;
  kind: K;
  status: JobStatus;
  /** When the job took this status: Redis's time, ms since 1970. */
  at: number;
  /** When the job was submitted: Redis's time, ms since 1970. */
  createdAt: number;
  round: number;
  attempt: number;
  /** The subject that the job belongs to. Only included for operators. */
  owner?: string;
  tags: string[];
  /** While the job is scheduled or waits for a retry: when it is due, ms since 1970. */
  runAt?: number;
  /** The latest error of a job that failed, was cancelled or waits for a retry: a code of its contract or of `JOB_ERRORS`. */
  error?: { code: JobErrorCode | (string & {}); message: string };
  /**
   * In a list that is sorted by `slowest`: ms since the job took its status, or from its submit to its end. The time of a job that was
   * rerun counts from its first submit.
   */
  tookMs?: number;
}

/** One page of a list. A page can be short or even empty although more pages follow. */
export interface JobPage<K extends string = string> {
  jobs: JobSummary<K>[];
  /** How many records were read for this page. Missing in the reply of an older server. */
  seen?: number;
  /** The cursor of the next page, or null on the last page. */
  cursor: string | null;
}

/** Filters for a list of jobs of one kind. */
export type ListOptions = Omit<ListInput, "kind" | "queue">;

/** A list of jobs that is read page by page. Makes no call until you iterate over it or call `page`. */
export interface JobPages<K extends string = string> extends AsyncIterable<JobPage<K>> {
  /** Returns the page at the `cursor` of the options, or the first page. */
  page(): Promise<JobPage<K>>;
}

/** Builds `JobPages` from a function that reads the page at a cursor. */
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
