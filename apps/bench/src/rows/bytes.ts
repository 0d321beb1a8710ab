import type { Redis } from "ioredis";
import { control } from "../measure/control.js";
import { keyBytes } from "../measure/key-bytes.js";
import { eachRound, handledOnce, type Pair, QUEUES } from "./queue-agents.js";
import type { Figure, Row } from "./row.js";

/** Also with --quick: what does not grow with the jobs, such as BullMQ's stream of events, must weigh the same. */
const JOBS = 10_000;
const PER_CALL = 1_000;

const waiting: Figure = {
  name: "bytes-waiting",
  title: "bytes in Redis per waiting job, no optional fields",
  unit: "bytes",
  better: "lower",
  required: [{ limit: 280 }],
  stretch: [{ limit: 220 }],
};
const finished: Figure = {
  name: "bytes-finished",
  title: "bytes in Redis per finished job, Telltale's with its feed",
  unit: "bytes",
  better: "lower",
  required: [{ limit: 700 }],
};
const idempotency: Figure = {
  name: "bytes-idempotency",
  title: "bytes in Redis per idempotency key, beside its job",
  unit: "bytes",
  better: "lower",
};

/** What jobs take in Redis. */
export const bytes: Row = {
  name: "bytes",
  says: "memory in Redis of a waiting job, a finished job and an idempotency key",
  method:
    "`MEMORY USAGE` of all keys together, divided by the number of jobs. The input is `{ n }`. Finished jobs are kept with their output, by every product (BullMQ without `removeOnComplete`, bee-queue without `removeOnSuccess`). The idempotency key is what a job with `key-<n>` takes more than one without. ioredis keeps the payloads of waiting jobs in one list, and nothing of finished ones.",
  figures: [waiting, finished, idempotency],
  async measure(run) {
    await using redis = await run.redis();
    await using own = control(redis.url);
    // The bytes of a round do not depend on time, so one is enough.
    const once = { rounds: 1, progress: run.progress };
    const options = { redis: redis.url, contenders: QUEUES, keepsFinished: true };
    await eachRound(once, options, async (pair) => {
      const { contender, round, submitter, worker } = pair;
      if (round === 0) return;
      const perJob = async (): Promise<number> => (await keyBytes(own.redis)) / JOBS;
      const bulk = { count: JOBS, perCall: PER_CALL };
      await submitter.call("submitMany", bulk);
      const bytesWaiting = await perJob();
      run.record(waiting, contender, bytesWaiting);
      if (contender === "ioredis") return;
      await worker.call("startWork", { jobs: JOBS, concurrency: 100, sleepMs: 0 });
      await handledOnce([worker], JOBS);
      run.record(finished, contender, await perJob());
      if (contender === "telltale") run.record(idempotency, contender, (await keyed(pair, own.redis)) - bytesWaiting);
    });
  },
};

async function keyed({ submitter }: Pair, redis: Redis): Promise<number> {
  await redis.flushall();
  await submitter.call("submitMany", { count: JOBS, perCall: PER_CALL, isKeyed: true });
  return (await keyBytes(redis)) / JOBS;
}
