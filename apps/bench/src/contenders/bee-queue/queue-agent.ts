import BeeQueue from "bee-queue";
import type { Input, OpenQueue, QueueOptions } from "../queue-product.js";
import { serveQueue } from "../serve-queue.js";

// Each role has the settings that bee-queue's README recommends for it: events and stored jobs only where somebody waits for them.
serveQueue({
  async open({ redis, prefix, role, keepsFinished }: QueueOptions): Promise<OpenQueue> {
    const queue = new BeeQueue<Input>("noop", {
      redis: { socket: redis },
      prefix,
      isWorker: role === "worker" || role === "answering-worker",
      getEvents: role === "caller",
      sendEvents: role === "answering-worker",
      storeJobs: role === "caller",
      removeOnSuccess: !keepsFinished,
    });
    await queue.ready();
    return {
      submit: (input) => queue.createJob(input).save(),
      async submitMany(inputs) {
        const errors = await queue.saveAll(inputs.map((input) => queue.createJob(input)));
        for (const error of errors.values()) throw error;
      },
      submitAndWait: (input) =>
        new Promise((resolve, reject) => {
          const job = queue.createJob(input);
          job.on("succeeded", resolve).on("failed", reject);
          job.save().catch(reject);
        }),
      async work({ concurrency, handle }) {
        queue.process(concurrency, async ({ data }) => handle(data));
        // There is no other way to stop: a bee-queue that was closed is not used again.
        return { stop: () => queue.close(10_000) };
      },
      async unfinished() {
        const { waiting, active, delayed } = await queue.checkHealth();
        return waiting + active + delayed;
      },
      close: async () => void (queue.isRunning() && (await queue.close(10_000))),
    };
  },
});
