import type { initTRPC, TrackedEnvelope } from "@trpc/server";
import type { BulkProgress, HistoryOptions, QueueHistory, QueueStats } from "../core/index.js";
import { CleanInput, DrainInput, HistoryInput, ObliterateInput, QueueRef, StatsInput } from "../core/schemas.js";
import type { Engine } from "../queue/internal.js";
import type { Access } from "./access.js";
import { statsStream } from "./feeds/stream.js";
import { trackedFeed } from "./feeds/tracked-feed.js";
import type { CallName } from "./limits/call-costs.js";
import type { OperatorActed } from "./observed-calls.js";
import { sinkOf } from "./sink.js";
import type { Subject } from "./subject.js";
import { parseWire } from "./submit-input.js";
import { answering } from "./to-trpc-error.js";

/** The builder of a tRPC router, whatever the context. */
type Builder = ReturnType<ReturnType<typeof initTRPC.context<object>>["create"]>;

/**
 * Creates the procedures for queues, which only operators may call: `list`, `onStats`, `history`, `pause`, `resume`, `drain`, `clean` and
 * `obliterate`.
 */
// The return type is inferred, like that of the router that contains it.
export function queuesRouter(
  t: Builder,
  {
    procedureOf,
    engine,
    access,
    subject,
    acted,
  }: Readonly<{
    /** Returns the application's procedure, with the limits of this call. */
    procedureOf: (name: CallName) => Builder["procedure"];
    engine: Engine;
    access: Access;
    subject: (ctx: unknown) => Subject | null;
    /** Reports an operator's action to observers. */
    acted: (ctx: unknown, action: OperatorActed) => void;
  }>,
) {
  // The kinds in queues that no contract names are not known, so only those may see them who may operate on all kinds.
  async function toStats(who: Subject | null): Promise<string[]> {
    const permitted = await access.toQueues(who);
    return permitted.length === engine.queues.length ? engine.find.statsNames() : permitted;
  }

  return t.router({
    list: procedureOf("queues.list").query(({ ctx }) =>
      answering(async (): Promise<QueueStats[]> => {
        const permitted = await toStats(subject(ctx));
        return (await engine.find.stats()).filter(({ queue }) => permitted.includes(queue));
      }),
    ),

    onStats: trackedFeed<StatsInput, QueueStats[]>(
      procedureOf("queues.onStats")
        .input((raw: unknown) => parseWire(StatsInput, raw ?? {}))
        .subscription(async function* ({ ctx, input, signal }): AsyncGenerator<TrackedEnvelope<QueueStats[]>, void> {
          const who = subject(ctx);
          const queues = await answering(() => toStats(who));
          yield* statsStream(engine, {
            queues,
            after: input.lastEventId,
            subjectId: who?.id ?? "",
            sink: sinkOf(ctx),
            signal: signal ?? new AbortController().signal,
          });
        }),
    ),

    history: procedureOf("queues.history")
      // Parsed below, because tRPC infers from this type what callers may send: also durations such as "6h".
      .input((raw: unknown) => raw as HistoryOptions)
      .query(({ ctx, input: raw }) =>
        answering(async (): Promise<QueueHistory> => {
          const who = subject(ctx);
          const input = parseWire(HistoryInput, raw);
          await access.toQueue(who, input.queue);
          if (!engine.queues.includes(input.queue)) await access.toAllQueues(who);
          return engine.find.history(input);
        }),
      ),

    pause: procedureOf("queues.pause")
      .input((raw: unknown) => parseWire(QueueRef, raw))
      .mutation(({ ctx, input: { queue } }) =>
        answering(async (): Promise<{ queue: string; paused: boolean }> => {
          await access.toQueue(subject(ctx), queue);
          await engine.pause(queue);
          acted(ctx, { action: "queue.pause", queue });
          return { queue, paused: true };
        }),
      ),

    resume: procedureOf("queues.resume")
      .input((raw: unknown) => parseWire(QueueRef, raw))
      .mutation(({ ctx, input: { queue } }) =>
        answering(async (): Promise<{ queue: string; paused: boolean }> => {
          await access.toQueue(subject(ctx), queue);
          await engine.resume(queue);
          acted(ctx, { action: "queue.resume", queue });
          return { queue, paused: false };
        }),
      ),

    drain: procedureOf("queues.drain")
      .input((raw: unknown) => parseWire(DrainInput, raw))
      .mutation(({ ctx, input }) =>
        answering(async (): Promise<BulkProgress> => {
          await access.toWholeQueue(subject(ctx), input.queue);
          const progress = await engine.bulk.drain(input);
          if (!input.dryRun) acted(ctx, { action: "queue.drain", queue: input.queue, jobs: progress.done });
          return progress;
        }),
      ),

    clean: procedureOf("queues.clean")
      .input((raw: unknown) => parseWire(CleanInput, raw))
      .mutation(({ ctx, input }) =>
        answering(async (): Promise<BulkProgress> => {
          await access.toWholeQueue(subject(ctx), input.queue);
          const progress = await engine.bulk.clean(input);
          if (!input.dryRun) acted(ctx, { action: "queue.clean", queue: input.queue, jobs: progress.done });
          return progress;
        }),
      ),

    obliterate: procedureOf("queues.obliterate")
      .input((raw: unknown) => parseWire(ObliterateInput, raw))
      .mutation(({ ctx, input: { queue, cursor } }) =>
        answering(async (): Promise<BulkProgress> => {
          await access.toWholeQueue(subject(ctx), queue);
          const progress = await engine.bulk.obliterate(queue, cursor);
          acted(ctx, { action: "queue.obliterate", queue, jobs: progress.done });
          return progress;
        }),
      ),
  });
}
