import type { TrackedEnvelope } from "@trpc/server";
import type { AnyJob, JobChunk, JobEvent, JobLogLine, QueueStats, WorkerList } from "../../core/index.js";
import { redact } from "../../core/internal.js";
import {
  type Engine,
  type FoundJob,
  type JobUpdate,
  positionOf,
  toEvent,
  type Viewer,
  watchWorkers,
} from "../../queue/internal.js";
import type { Sink } from "../sink.js";
import { toTRPCError } from "../to-trpc-error.js";
import { tracked } from "../trpc-server.js";
import type { Direct } from "./direct.js";
import type { SharedEvents } from "./shared-events.js";

/** A request to watch something. */
export interface WatcherRequest {
  /** The position after which to continue. */
  readonly after: string | undefined;
  /** The subject whose limits apply to the watcher. */
  readonly subjectId: string;
  readonly sink: Sink | null;
  readonly signal: AbortSignal;
}

/** A request to watch one job. */
export interface StreamRequest extends WatcherRequest {
  readonly job: { readonly id: string; readonly kind: string };
  /** The job, as it was read to check access. */
  readonly known: FoundJob;
  readonly viewer: Viewer;
}

/** How events of a stream are sent past it. */
export interface Past {
  readonly direct: Direct;
  readonly events: SharedEvents;
}

/**
 * Streams a job's events as tracked events of tRPC. Their ids are the positions from which a client can resume. `ask` is called at the
 * first `next`, and what it rejects with ends the stream.
 */
export function statusStream(
  engine: Engine,
  ask: () => Promise<StreamRequest>,
  { direct, events }: Past,
): AsyncGenerator<TrackedEnvelope<JobEvent<AnyJob>>, void> {
  return paced(ask, (request) => {
    const { job, known, viewer, after, signal } = request;
    const handOver = (update: JobUpdate): boolean => direct.send?.(events.of(update, job, viewer)) ?? false;
    return {
      items: engine.watch(job.id, { after, signal, known, handOver }),
      toEnvelope: (update: JobUpdate) => tracked(positionOf(update), toEvent(job, update, viewer)),
    };
  });
}

/** Streams a job's output as tracked events of tRPC. */
export function chunkStream(
  engine: Engine,
  request: StreamRequest,
): AsyncGenerator<TrackedEnvelope<JobChunk<AnyJob>>, void> {
  const { job, viewer, after, signal } = request;
  const chunks = engine.watchChunks(job.id, { after, signal });
  return paced(
    async () => request,
    () => ({
      items: chunks,
      toEnvelope: ({ position, chunk }) => tracked(position, shownChunk(chunk, viewer)),
    }),
  );
}

function shownChunk(chunk: JobChunk<AnyJob>, { hidden }: Viewer): JobChunk<AnyJob> {
  return "data" in chunk && hidden.length > 0 ? { ...chunk, data: redact(chunk.data, hidden) as never } : chunk;
}

/** Streams the lines of a job's log as tracked events of tRPC. */
export function logStream(engine: Engine, request: StreamRequest): AsyncGenerator<TrackedEnvelope<JobLogLine>, void> {
  const { job, after, signal } = request;
  const lines = engine.watchLog(job.id, { after, signal });
  return paced(
    async () => request,
    () => ({
      items: lines,
      toEnvelope: ({ position, line }) => tracked(position, line),
    }),
  );
}

/** Streams statistics of queues as tracked events of tRPC. */
export function statsStream(
  engine: Engine,
  request: WatcherRequest & { readonly queues: readonly string[] },
): AsyncGenerator<TrackedEnvelope<QueueStats[]>, void> {
  const { queues, after, signal } = request;
  const updates = engine.statsWatch.watch(queues, { after, signal });
  return paced(
    async () => request,
    () => ({
      items: updates,
      toEnvelope: ({ position, items }) => tracked(position, items),
    }),
  );
}

/** Streams the workers as tracked events of tRPC. */
export function workersStream(
  engine: Engine,
  request: WatcherRequest,
): AsyncGenerator<TrackedEnvelope<WorkerList>, void> {
  const { after, signal } = request;
  const updates = watchWorkers(engine.workersWatch, { after, signal });
  return paced(
    async () => request,
    () => ({
      items: updates,
      toEnvelope: ({ position, list }) => tracked(position, list),
    }),
  );
}

/** What a stream yields. */
interface Opened<T, E> {
  readonly items: AsyncGenerator<T, void, undefined>;
  readonly toEnvelope: (item: T) => E;
}

// Before it takes the next item, it waits until the socket has room. Until then, items stay in the watch, which merges them.
async function* paced<R extends WatcherRequest, T, E>(
  ask: () => Promise<R>,
  open: (request: R) => Opened<T, E>,
): AsyncGenerator<E, void> {
  const request = await ask();
  const { sink, signal, subjectId } = request;
  const { items, toEnvelope } = open(request);
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
