import { setTimeout as sleep } from "node:timers/promises";
import { nowMs } from "../measure/now.js";
import { serve } from "../measure/serve.js";
import { HandledJobs } from "./handled-jobs.js";
import type { Bulk, QueueCalls } from "./queue-calls.js";
import type { Input, OpenQueue, QueueProduct, Working } from "./queue-product.js";

/** Makes this process a contender's: the same loops measure every product. */
export function serveQueue(product: QueueProduct): void {
  let queue: OpenQueue | undefined;
  let work: { readonly working: Working; readonly jobs: HandledJobs } | undefined;
  const opened = (): OpenQueue => {
    if (!queue) throw new Error("open comes first");
    return queue;
  };

  const calls: QueueCalls = {
    async open(options) {
      queue = await product.open(options);
    },
    submit: ({ count, inFlight }) => submitEach(opened(), { count, inFlight }),
    submitMany: (bulk) => submitInCalls(opened(), bulk),
    callEach: ({ count }) => callEach(opened(), count),
    async startWork({ jobs, concurrency, sleepMs, refill = 0 }) {
      const queue = opened();
      const handledJobs = new HandledJobs(jobs);
      const handle = async (input: Input): Promise<Input> => {
        handledJobs.add(input.n);
        if (refill > 0 && handledJobs.count % refill === 0) await queue.submitMany(inputs(jobs, jobs + refill));
        if (sleepMs > 0) await sleep(sleepMs);
        return input;
      };
      work = { working: await queue.work({ concurrency, handle }), jobs: handledJobs };
    },
    handled: async () => work?.jobs.count ?? 0,
    async stopWork() {
      if (!work) throw new Error("startWork comes first");
      await work.working.stop();
      return work.jobs.report();
    },
    unfinished: () => opened().unfinished(),
    async close() {
      await queue?.close();
      queue = undefined;
    },
  };
  serve(calls);
}

async function submitEach(
  queue: OpenQueue,
  { count, inFlight }: Readonly<{ count: number; inFlight: number }>,
): Promise<{ seconds: number }> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) await queue.submit({ n });
  };
  const startedAt = nowMs();
  await Promise.all(Array.from({ length: inFlight }, lane));
  return { seconds: (nowMs() - startedAt) / 1_000 };
}

async function submitInCalls(queue: OpenQueue, { count, perCall, isKeyed }: Bulk): Promise<{ seconds: number }> {
  const submitMany = isKeyed ? queue.submitManyKeyed : queue.submitMany;
  if (!submitMany) throw new Error("This product has no idempotency keys");
  const startedAt = nowMs();
  for (let n = 0; n < count; n += perCall) await submitMany(inputs(n, Math.min(count, n + perCall)));
  return { seconds: (nowMs() - startedAt) / 1_000 };
}

async function callEach(queue: OpenQueue, count: number): Promise<{ ms: number[] }> {
  const ms: number[] = [];
  for (let n = 0; n < count; n++) {
    const startedAt = nowMs();
    const result = await queue.submitAndWait({ n });
    ms.push(nowMs() - startedAt);
    if (result.n !== n) throw new Error(`Job ${n} was answered with the result of ${result.n}`);
    // The worker must be idle again. The pause differs, so that it meets every phase of a product's timers.
    await sleep(1 + (n % 4));
  }
  return { ms };
}

function inputs(from: number, to: number): Input[] {
  return Array.from({ length: to - from }, (_, i) => ({ n: from + i }));
}
