import type { AnyJob, JobChunk, JobEvent } from "@telltale/core";
import { type Engine, positionOf, toEvent } from "@telltale/queue";
import { type TrackedEnvelope, tracked } from "@trpc/server";
import type { Sink } from "./sink.js";
import { toTRPCError } from "./to-trpc-error.js";

/** One watcher of one job on some transport. */
export interface StreamRequest {
  readonly job: { readonly id: string; readonly kind: string };
  readonly after: string | undefined;
  /** Whether the real message of a failure may be seen. */
  readonly detail: boolean;
  /** Who is counted for it. */
  readonly subjectId: string;
  readonly sink: Sink | null;
  readonly signal: AbortSignal;
}

/** A job's changes as tRPC tracks them: the id of each is the position to go on from. */
export function statusStream(
  engine: Engine,
  request: StreamRequest,
): AsyncGenerator<TrackedEnvelope<JobEvent<AnyJob>>, void> {
  const { job, detail, after, signal } = request;
  const updates = engine.watch(job.id, { after, signal });
  return paced(request, updates, (update) => tracked(positionOf(update), toEvent(job, update, detail)));
}

/** A job's streamed output as tRPC tracks it. */
export function chunkStream(
  engine: Engine,
  request: StreamRequest,
): AsyncGenerator<TrackedEnvelope<JobChunk<AnyJob>>, void> {
  const { job, after, signal } = request;
  const chunks = engine.watchChunks(job.id, { after, signal });
  return paced(request, chunks, ({ position, chunk }) => tracked(position, chunk));
}

// Asks for room before it takes the next item: while the socket is full, items wait in the watch, which merges them.
async function* paced<T, R>(
  { sink, signal, subjectId }: StreamRequest,
  items: AsyncGenerator<T, void, undefined>,
  toEnvelope: (item: T) => R,
): AsyncGenerator<R, void> {
  let release: (() => void) | undefined;
  try {
    release = sink?.admit(subjectId);
    for (;;) {
      while (sink && !sink.writable() && !signal.aborted) await sink.drained(signal);
      const next = await items.next();
      if (next.done) return;
      yield toEnvelope(next.value);
    }
  } catch (error) {
    throw toTRPCError(error);
  } finally {
    release?.();
    await items.return(undefined);
  }
}
