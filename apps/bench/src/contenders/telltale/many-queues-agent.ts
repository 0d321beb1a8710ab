import { defineJob, defineJobs, handle } from "telltale";
import { createTelltale } from "telltale/server";
import { createWorker } from "telltale/worker";
import { z } from "zod";
import { serve } from "../../measure/serve.js";
import type { ManyQueuesCalls } from "../many-queues-calls.js";

const input = z.object({ n: z.int() });

const calls: ManyQueuesCalls = {
  async work({ redis, queues }) {
    const kinds = Array.from({ length: queues }, (_, i) => defineJob(`kind-${i}`, { input, output: input }));
    const telltale = createTelltale({ jobs: defineJobs(...kinds), redis });
    const handlers = kinds.map((kind) => handle(kind, async (job) => job.input));
    await createWorker({ telltale, handlers, concurrency: 100 }).start();
  },
};
serve(calls);
