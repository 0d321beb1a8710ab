import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { nowMs } from "../measure/now.js";
import { serve } from "../measure/serve.js";
import type { LiveEvent, LiveServerCalls, Memory, PublisherCalls } from "./live-calls.js";

/** Makes this process a server with watchers. `listen` resolves with the port on loopback. */
export function serveLive(listen: (redis: string) => Promise<number>): void {
  const calls: LiveServerCalls = {
    listen: async ({ redis }) => ({ port: await listen(redis) }),
    async cpu() {
      const { user, system } = process.cpuUsage();
      return { micros: user + system };
    },
    memory: memoryAfterCollection,
  };
  serve(calls);
}

async function memoryAfterCollection(): Promise<Memory> {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect !== "function") throw new Error("V8 has no garbage collection to call");
  for (let i = 0; i < 4; i++) {
    // What a collection frees may be finalized only in a later turn.
    await sleep(100);
    collect();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapBytes: heapUsed + external, rssBytes: rss };
}

/** Publishes one event to one topic. */
export type Publish = (topic: string, event: LiveEvent) => void;

/** Makes this process a publisher. `start` opens topics and resolves with their names. */
export function servePublisher(
  start: (redis: string, topics: number) => Promise<{ readonly topics: string[]; readonly publish: Publish }>,
): void {
  let started: Awaited<ReturnType<typeof start>> | undefined;
  let next = 0;
  const calls: PublisherCalls = {
    async start({ redis, topics }) {
      started = await start(redis, topics);
      return { topics: started.topics };
    },
    async publish({ events, everyMs, keepsRate }) {
      if (!started) throw new Error("start comes first");
      const startedAt = nowMs();
      for (let i = 0; i < events; i++) {
        for (const topic of started.topics) started.publish(topic, { n: next, at: nowMs() });
        next++;
        await sleep(keepsRate ? Math.max(0, startedAt + (i + 1) * everyMs - nowMs()) : everyMs);
      }
      return { ms: nowMs() - startedAt };
    },
  };
  serve(calls);
}
