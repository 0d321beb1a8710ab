import { EventEmitter, on } from "node:events";
import { initTRPC, tracked } from "@trpc/server";
import { Redis } from "ioredis";
import superjson from "superjson";
import { z } from "zod";

/**
 * As tRPC's documentation of subscriptions has it: a generator on an EventEmitter, with tracked events and superjson. Jobs are pushed
 * to a list by a mutation, and their results come back by PUBLISH.
 */
export async function createRouter(path: string) {
  const [subscriber, jobs] = [new Redis(path), new Redis(path)];
  const topics = new EventEmitter().setMaxListeners(0);
  // Results whose client has not subscribed yet.
  const results = new Map<number, { readonly n: number }>();
  await subscriber.subscribe("results");
  subscriber.on("message", (topic: string, text: string) => {
    const event = JSON.parse(text);
    if (topic !== "results") topics.emit(topic, event);
    else if (!topics.emit(`result-${event.n}`, event)) results.set(event.n, event);
  });

  const t = initTRPC.create({ transformer: superjson });
  return t.router({
    onProgress: t.procedure.input(z.object({ id: z.string() })).subscription(async function* ({ input, signal }) {
      const events = on(topics, input.id, signal ? { signal } : {});
      await subscriber.subscribe(input.id);
      for await (const [event] of events) yield tracked(String(event.n), event);
    }),

    submit: t.procedure.input(z.object({ n: z.number() })).mutation(async ({ input }) => {
      await jobs.lpush("jobs", JSON.stringify(input));
    }),

    onResult: t.procedure.input(z.object({ n: z.number() })).subscription(async function* ({ input: { n }, signal }) {
      const early = results.get(n);
      results.delete(n);
      if (early) yield tracked(String(n), early);
      else {
        for await (const [event] of on(topics, `result-${n}`, signal ? { signal } : {}))
          yield tracked(String(n), event);
      }
    }),
  });
}

/** The type of the router, for its clients. */
export type Router = Awaited<ReturnType<typeof createRouter>>;
