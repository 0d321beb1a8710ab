import { Redis } from "ioredis";
import type { OpenQueue, QueueOptions } from "../queue-product.js";
import { serveQueue } from "../serve-queue.js";

/** The floor: a list of JSON texts. A job that a worker took is lost if the worker dies. */
serveQueue({
  async open({ redis: path, prefix, role }: QueueOptions): Promise<OpenQueue> {
    const redis = new Redis(path);
    const [jobs, results] = [`${prefix}:jobs`, `${prefix}:results`];
    const blocking = role === "caller" ? new Redis(path) : undefined;
    return {
      submit: (input) => redis.lpush(jobs, JSON.stringify(input)),
      submitMany: (inputs) => redis.lpush(jobs, ...inputs.map((input) => JSON.stringify(input))),
      async submitAndWait(input) {
        await redis.lpush(jobs, JSON.stringify(input));
        const answered = await blocking?.brpop(results, 0);
        if (!answered) throw new Error("Only a caller waits for results");
        return JSON.parse(answered[1]);
      },
      work: async ({ concurrency, handle }) => {
        let isStopping = false;
        const blocked = new Redis(path);
        const settle = async (text: string): Promise<void> => {
          const result = await handle(JSON.parse(text));
          if (role === "answering-worker") await redis.lpush(results, JSON.stringify(result));
        };
        // Lanes pop while there are jobs. ioredis sends what they ask for in one tick in one write.
        const lane = async (): Promise<void> => {
          while (!isStopping) {
            const text = await redis.rpop(jobs);
            if (text === null) return;
            await settle(text);
          }
        };
        const loop = async (): Promise<void> => {
          while (!isStopping) {
            await Promise.all(Array.from({ length: concurrency }, lane));
            const next = isStopping ? null : await blocked.brpop(jobs, 0).catch(() => null);
            if (next) await settle(next[1]);
          }
        };
        const running = loop();
        return {
          async stop() {
            isStopping = true;
            blocked.disconnect();
            await running;
          },
        };
      },
      unfinished: () => redis.llen(jobs),
      async close() {
        redis.disconnect();
        blocking?.disconnect();
      },
    };
  },
});
