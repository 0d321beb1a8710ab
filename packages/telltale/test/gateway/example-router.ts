import { initTRPC, TRPCError, tracked } from "@trpc/server";
import { TelltaleError, transformer } from "telltale";
import { toTRPCError } from "telltale/trpc";
import { z } from "zod";
import { sinkOf } from "../../src/trpc/sink.js";
import type { Feed } from "./feed.js";

/** The context of the example's procedures. */
export interface ExampleContext {
  readonly user: string | null;
}

const t = initTRPC.context<ExampleContext>().create({ transformer });
const KILOBYTE = "x".repeat(1024);

/** A gate at which calls wait until the test opens it. */
export interface Gate {
  readonly opened: Promise<void>;
  entered(): void;
}

/** A host's router, with a procedure for each kind of failure. */
export function exampleRouter(
  parts: Readonly<{ feed: Feed; gate?: Gate; yielded?: { count: number; isOver?: boolean } }>,
) {
  const yielded = parts.yielded ?? { count: 0 };
  return t.router({
    echo: t.procedure.input(z.object({ at: z.date() })).query(({ input }) => ({ at: input.at })),
    change: t.procedure.input(z.object({ n: z.number() })).mutation(({ input }) => ({ changed: input.n })),
    ping: t.procedure.query(() => "pong"),
    whoami: t.procedure
      .use(({ ctx, next }) => {
        if (ctx.user === null) throw new TRPCError({ code: "UNAUTHORIZED" });
        return next({ ctx: { user: ctx.user } });
      })
      .query(({ ctx }) => ctx.user),
    breaks: t.procedure.query(() => {
      throw new Error("secret of the server");
    }),
    unsupported: t.procedure.query(() => {
      throw toTRPCError(new TelltaleError("unsupported_redis", "Redis may evict jobs. Set noeviction"));
    }),
    refuses: t.procedure.query(() => {
      throw new TelltaleError("redis_full");
    }),
    held: t.procedure.mutation(async () => {
      parts.gate?.entered();
      await parts.gate?.opened;
      return "done";
    }),
    /** A reply of a hundred kilobytes. */
    bulk: t.procedure.query(() => {
      yielded.count++;
      return KILOBYTE.repeat(100);
    }),
    /** The number of these calls. */
    count: t.procedure.mutation(() => ++yielded.count),
    /** Counts from the resume position on, along with the feed. */
    follow: t.procedure
      .input(
        z.object({
          lastEventId: z
            .string()
            .regex(/^\d{1,9}$/)
            .optional(),
        }),
      )
      .subscription(async function* ({ input, signal }) {
        for (let next = Number(input.lastEventId ?? 0) + 1; ; next++) {
          if (!(await parts.feed.reaches(next, signal))) return;
          yield tracked(String(next), { n: next, at: new Date(next) });
        }
      }),
    /** Yields as much as the socket accepts: it waits for the sink. */
    flood: t.procedure.subscription(async function* ({ ctx, signal }) {
      const aborted = signal ?? new AbortController().signal;
      const sink = sinkOf(ctx);
      try {
        while (!aborted.aborted) {
          if (sink && !sink.writable()) await sink.drained(aborted);
          yielded.count++;
          yield tracked(String(yielded.count), KILOBYTE);
          await new Promise(setImmediate);
        }
      } finally {
        yielded.isOver = true;
      }
    }),
    /** Yields as much as it can, without waiting for the sink. */
    torrent: t.procedure.subscription(async function* ({ signal }) {
      for (let n = 1; !signal?.aborted; n++) {
        yield tracked(String(n), KILOBYTE);
        if (n % 100 === 0) await new Promise(setImmediate);
      }
    }),
    /** Takes one of the caller's admissions until it ends. */
    admitted: t.procedure.subscription(async function* ({ ctx, signal }) {
      const release = sinkOf(ctx)?.admit(ctx.user ?? "nobody");
      try {
        yield tracked("1", "admitted");
        await new Promise((resolve) => signal?.addEventListener("abort", resolve, { once: true }));
      } finally {
        release?.();
      }
    }),
  });
}

/** The type of the router, for clients. */
export type ExampleRouter = ReturnType<typeof exampleRouter>;
