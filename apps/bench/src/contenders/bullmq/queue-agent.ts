import { Queue, QueueEvents, Worker } from "bullmq";
import type { Input, OpenQueue, QueueOptions } from "../queue-product.js";
import { serveQueue } from "../serve-queue.js";

const NAME = "noop";
/** With it, a caller that asks late still finds its result. */
const KEPT = { count: 1_000 };

serveQueue({
  async open({ redis, prefix, role, keepsFinished }: QueueOptions): Promise<OpenQueue> {
    const answers = role === "caller" || role === "answering-worker";
    const removeOnComplete = keepsFinished ? false : answers ? KEPT : true;
    const options = { connection: { path: redis, maxRetriesPerRequest: null }, prefix };
    const queue = new Queue<Input, Input>(NAME, { ...options, defaultJobOptions: { removeOnComplete } });
    await queue.waitUntilReady();
    const events = role === "caller" ? new QueueEvents(NAME, options) : undefined;
    await events?.waitUntilReady();
    return {
      submit: (input) => queue.add(NAME, input),
      submitMany: (inputs) => queue.addBulk(inputs.map((data) => ({ name: NAME, data }))),
      async submitAndWait(input) {
        if (!events) throw new Error("Only a caller waits for results");
        return (await queue.add(NAME, input)).waitUntilFinished(events);
      },
      async work({ concurrency, handle }) {
        const worker = new Worker<Input, Input>(NAME, async ({ data }) => handle(data), { ...options, concurrency });
        await worker.waitUntilReady();
        return { stop: () => worker.close() };
      },
      async unfinished() {
        const counts = await queue.getJobCounts("wait", "active", "delayed", "prioritized");
        return Object.values(counts).reduce((sum, count) => sum + count, 0);
      },
      async close() {
        await events?.close();
        await queue.close();
      },
    };
  },
});
