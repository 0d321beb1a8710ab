import { Latencies } from "../measure/percentile.js";
import { eachRound, QUEUES } from "./queue-agents.js";
import type { Figure, Row } from "./row.js";

const p50: Figure = {
  name: "latency-p50",
  title: "submit to result in the submitter's process, idle, p50",
  unit: "ms",
  better: "lower",
  required: [{ factor: 1, of: "bullmq" }],
  stretch: [{ factor: 2, of: "ioredis" }],
};
const p99: Figure = {
  name: "latency-p99",
  title: "submit to result in the submitter's process, idle, p99",
  unit: "ms",
  better: "lower",
  required: [{ factor: 1, of: "bullmq" }],
  isNoisy: true,
};

/** How soon an idle system answers. */
export const latency: Row = {
  name: "latency",
  says: "submit to result in the submitter's process, while nothing else runs",
  method:
    "One process submits a job, waits for its result, pauses for 1 to 4 ms and submits the next. The worker is another process. Telltale: `submit` and `output()`; BullMQ: `add` and `waitUntilFinished`; bee-queue: `save` and the event `succeeded`; ioredis: LPUSH and BRPOP there and back.",
  figures: [p50, p99],
  async measure(run) {
    await using redis = await run.redis();
    const count = run.isQuick ? 200 : 1_000;
    const roles = { submitter: "caller", worker: "answering-worker" } as const;
    await eachRound(run, { redis: redis.url, contenders: QUEUES, roles }, async (pair) => {
      const { contender, submitter, worker, round } = pair;
      await worker.call("startWork", { jobs: count, concurrency: 10, sleepMs: 0 });
      const { ms } = await submitter.call("callEach", { count });
      await worker.call("stopWork", null);
      if (round === 0) return;
      const latencies = new Latencies();
      for (const one of ms) latencies.record(one);
      run.record(p50, contender, latencies.percentiles.p50);
      run.record(p99, contender, latencies.percentiles.p99);
    });
  },
};
