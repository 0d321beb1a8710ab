import type { initTRPC, TrackedEnvelope } from "@trpc/server";
import type { WorkerList, WorkersDrained } from "../core/index.js";
import { WorkerRef, WorkersInput } from "../core/schemas.js";
import type { Engine } from "../queue/internal.js";
import type { Access } from "./access.js";
import { workersStream } from "./feeds/stream.js";
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
 * Creates the procedures for workers: `list`, `onChange` and `drain`. Workers run jobs of several kinds, so only those may call them who
 * may operate on all kinds.
 */
// The return type is inferred, like that of the router that contains it.
export function workersRouter(
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
  return t.router({
    list: procedureOf("workers.list").query(({ ctx }) =>
      answering(async (): Promise<WorkerList> => {
        await access.toOperate(subject(ctx), null);
        return engine.workers.list();
      }),
    ),

    onChange: trackedFeed<WorkersInput, WorkerList>(
      procedureOf("workers.onChange")
        .input((raw: unknown) => parseWire(WorkersInput, raw ?? {}))
        .subscription(async function* ({ ctx, input, signal }): AsyncGenerator<TrackedEnvelope<WorkerList>, void> {
          const who = subject(ctx);
          await answering(() => access.toOperate(who, null));
          yield* workersStream(engine, {
            after: input.lastEventId,
            subjectId: who?.id ?? "",
            sink: sinkOf(ctx),
            signal: signal ?? new AbortController().signal,
          });
        }),
    ),

    drain: procedureOf("workers.drain")
      .input((raw: unknown) => parseWire(WorkerRef, raw))
      .mutation(({ ctx, input: { name } }) =>
        answering(async (): Promise<WorkersDrained> => {
          await access.toOperate(subject(ctx), null);
          const drained = await engine.workers.drain(name);
          acted(ctx, { action: "worker.drain", workerName: name });
          return drained;
        }),
      ),
  });
}
