import type { AnyJob, JobChunk, JobFeed } from "../../core/index.js";
import { type ChunkFrame, readChunkFrame } from "../calls/reply.js";
import type { WatchOptions } from "../job-client.js";
import { ChunkBox } from "./chunk-box.js";
import { FeedIterator } from "./feed-iterator.js";
import type { Feed } from "./watch.js";

/** Iterates over the chunks of one job, strictly increasing in (round, n). Each round starts again at n = 1. */
export function chunks<J extends AnyJob>(feed: Feed, options: WatchOptions): JobFeed<JobChunk<J>> {
  let newest: ChunkFrame | null = null;

  return new FeedIterator<JobChunk<J>>({
    after: options.after,
    signal: options.signal,
    closing: feed.closing,
    limit: feed.limit,
    wake: feed.wake,
    onConnection: options.onConnection,
    box: new ChunkBox(),
    open: (after, observer) => feed.subscribe(after ? { ...feed.ref, lastEventId: after } : feed.ref, observer),
    read: (raw) => {
      const frame = readChunkFrame(raw);
      if (newest && !comesAfter(frame, newest)) return null;
      newest = frame;
      // Not checked here: the client has no schemas, and the worker has parsed the payload.
      return { item: frame.chunk as JobChunk<J>, position: frame.position, isFinal: false };
    },
  });
}

function comesAfter(a: ChunkFrame, b: ChunkFrame): boolean {
  return a.round > b.round || (a.round === b.round && a.n > b.n);
}
