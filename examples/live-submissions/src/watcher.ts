import { hasCode, type JobEvent } from "telltale";
import { createClient } from "telltale/client";
import type { jobs, submission } from "./contracts.js";

/** A job, with its token unless the watcher owns the job. */
export interface JobRef {
  readonly id: string;
  readonly token?: string | undefined;
}

/** What one watcher saw of one job, over all its connections. */
export interface Seen {
  /** Each transition as `seq status`, in the order in which they arrived. */
  readonly transitions: string[];
  /** How many events were not after the previous one in (seq, rev). */
  outOfOrder: number;
  reports: number;
  resets: number;
  reconnects: number;
  /** Whether it got `not_found`. */
  isRefused: boolean;
  /** Its position, from which another watch can resume. */
  position: string | undefined;
}

/** A client that watches one job. */
export interface Watcher {
  readonly name: string;
  readonly seen: Seen;
  /** Resolves when the watch is over. */
  readonly over: Promise<void>;
  /** Resolves with the first event that fits. */
  until(fits: (event: JobEvent<typeof submission>) => boolean): Promise<void>;
  /** Ends the watch and closes the connection, like closing a page. */
  leave(): Promise<void>;
}

/** Watches a job as `name`, over its own WebSocket. With `before`, resumes from the position of that watch. */
export function watchAs(
  name: string,
  { url, job, before }: Readonly<{ url: string; job: JobRef; before?: Seen }>,
): Watcher {
  const client = createClient<typeof jobs>({ url, router: "jobs", auth: name });
  const seen: Seen = before ?? {
    ...{ transitions: [], outOfOrder: 0, reports: 0, resets: 0, reconnects: 0, isRefused: false, position: undefined },
  };
  const waiting = new Set<(event: JobEvent<typeof submission>) => void>();
  const leaving = new AbortController();

  const watch = async (): Promise<void> => {
    let last = { seq: 0, rev: 0 };
    const feed = client.submission.job(job.id, job.token === undefined ? {} : { token: job.token }).watch({
      after: seen.position,
      signal: leaving.signal,
      onConnection: (state) => {
        if (state === "reconnecting") seen.reconnects += 1;
      },
    });
    for await (const event of feed) {
      const isNext = event.seq > last.seq || (event.seq === last.seq && event.rev > last.rev);
      if (!isNext) seen.outOfOrder += 1;
      if (event.reset) seen.resets += 1;
      if (event.seq > last.seq && event.rev === 0) seen.transitions.push(`${event.seq} ${event.status}`);
      else seen.reports += 1;
      last = event;
      seen.position = feed.position;
      for (const tell of waiting) tell(event);
    }
  };
  const over = watch()
    .catch((error: unknown) => {
      if (!hasCode(error, "not_found")) throw error;
      seen.isRefused = true;
    })
    .finally(() => client.close());

  return {
    ...{ name, seen, over },
    until: (fits) =>
      new Promise((resolve) => {
        const tell = (event: JobEvent<typeof submission>): void => {
          if (!fits(event)) return;
          waiting.delete(tell);
          resolve();
        };
        waiting.add(tell);
      }),
    async leave() {
      leaving.abort();
      await over;
    },
  };
}
