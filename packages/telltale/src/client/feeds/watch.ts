import { type AnyJob, isAfter, type JobEvent, type JobFeed, parsePosition } from "../../core/index.js";
import type { JobRef } from "../../core/schemas.js";
import { readStatusFrame } from "../calls/reply.js";
import type { WatchOptions } from "../job-client.js";
import type { Subscribe } from "../procedures.js";
import type { Closing } from "../transport/closing.js";
import type { Wake } from "../transport/wake.js";
import { FeedIterator } from "./feed-iterator.js";
import { StatusBox } from "./status-box.js";
import type { SubscriptionLimit } from "./subscription-limit.js";

/** The job to watch, and how to subscribe to one of its feeds. */
export interface Feed {
  readonly ref: JobRef;
  readonly subscribe: Subscribe;
  readonly closing: Closing;
  readonly limit: SubscriptionLimit;
  readonly wake: Wake;
}

/**
 * Iterates over the status events of one job, strictly increasing in (seq, rev). tRPC drops repeated ids but does not check the
 * order. So this drops events that are not newer than the newest one, except a `reset`, which reports that history was rewritten.
 */
export function watch<J extends AnyJob>(feed: Feed, options: WatchOptions): JobFeed<JobEvent<J>> {
  let newest: Readonly<{ seq: number; rev: number }> | null = parsePosition(options.after ?? "");

  return new FeedIterator<JobEvent<J>>({
    after: options.after,
    signal: options.signal,
    closing: feed.closing,
    limit: feed.limit,
    wake: feed.wake,
    onConnection: options.onConnection,
    box: new StatusBox(),
    open: (after, observer) => feed.subscribe(after ? { ...feed.ref, lastEventId: after } : feed.ref, observer),
    read: (raw) => {
      const frame = readStatusFrame(raw);
      if (newest && !frame.isReset && !isAfter(frame, newest)) return null;
      newest = frame;
      // Not checked here: the client has no schemas, and the worker has parsed the payload.
      return { item: frame.event as JobEvent<J>, position: frame.position, isFinal: frame.isFinal };
    },
  });
}
