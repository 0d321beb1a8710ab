import { handle } from "telltale";
import { createTelltale, type Telltale } from "telltale/server";
import { createWorker } from "telltale/worker";
import type { Input, OpenQueue, QueueOptions } from "../queue-product.js";
import { serveQueue } from "../serve-queue.js";
import { noop, noops } from "./contracts.js";

// Every default is kept: leases, fences, status events and the feed are on. Finished jobs are kept for 24 h: there is no option to
// remove them at once.
serveQueue({
  async open({ redis, prefix }: QueueOptions): Promise<OpenQueue> {
    const telltale: Telltale<typeof noops> = createTelltale({ jobs: noops, redis, prefix });
    await telltale.$ready(10_000);
    const submitAll = async (items: Parameters<typeof telltale.noop.submitMany>[0]): Promise<void> => {
      for (const outcome of await telltale.noop.submitMany(items)) if (!outcome.ok) throw outcome.error;
    };
    return {
      submit: (input) => telltale.noop.submit(input),
      submitMany: (inputs) => submitAll(inputs.map((input) => ({ input }))),
      submitManyKeyed: (inputs) =>
        submitAll(inputs.map((input) => ({ input, options: { idempotencyKey: `key-${input.n}` } }))),
      submitAndWait: async (input) => (await telltale.noop.submit(input)).output(),
      async work(options) {
        const handler = handle(noop, async ({ input }: { readonly input: Input }) => options.handle(input));
        const worker = createWorker({ telltale, handlers: [handler], concurrency: options.concurrency });
        await worker.start();
        return { stop: () => worker.stop() };
      },
      async unfinished() {
        const [stats] = await telltale.$queues.list();
        if (!stats) throw new Error("The queue has no statistics");
        const { queued, running, scheduled, retrying } = stats.jobs;
        return queued + running + scheduled + retrying;
      },
      close: async () => telltale[Symbol.asyncDispose](),
    };
  },
});
