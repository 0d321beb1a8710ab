import { setTimeout as sleep } from "node:timers/promises";
import type { ManyQueuesCalls } from "../contenders/many-queues-calls.js";
import { startAgent } from "../measure/agent.js";
import { Disposing } from "../measure/disposing.js";
import { requestsWithin } from "../measure/redis-traffic.js";
import { QUEUES, startQueueAgent } from "./queue-agents.js";
import type { Figure, Row, Run } from "./row.js";

const QUEUES_OF_MANY = 500;

const one: Figure = {
  name: "idle-1",
  title: "requests to Redis per s of an idle worker, 1 queue",
  unit: "requests per s",
  better: "lower",
  required: [{ limit: 3 }],
};
const many: Figure = {
  name: "idle-500",
  title: "requests to Redis per s of an idle worker, 500 queues",
  unit: "requests per s",
  better: "lower",
  required: [{ limit: 300 }],
};

/** What a worker without work costs Redis. */
export const idle: Row = {
  name: "idle",
  says: "requests to Redis of an idle worker, with 1 queue and with 500",
  method:
    "One worker process without jobs, on a Redis of its own. Requests are what clients send, as MONITOR shows them; commands within scripts are none. Counting begins some seconds after the start.",
  figures: [one, many],
  async measure(run) {
    await using started = new Disposing();
    const idling: { figure: Figure; contender: (typeof QUEUES)[number]; redis: string }[] = [];
    for (const contender of QUEUES.filter((queue) => queue !== "ioredis")) {
      const { url: redis } = started.use(await run.redis());
      const agent = started.use(await startQueueAgent(contender));
      await agent.call("open", { redis, prefix: "idle", role: "worker", keepsFinished: false });
      await agent.call("startWork", { jobs: 0, concurrency: 100, sleepMs: 0 });
      idling.push({ figure: one, contender, redis });
    }
    const { url: redis } = started.use(await run.redis());
    const agent = started.use(await manyQueuesAgent());
    await agent.call("work", { redis, queues: QUEUES_OF_MANY });
    idling.push({ figure: many, contender: "telltale", redis });
    await count(run, idling);
  },
};

const manyQueuesAgent = () =>
  startAgent<ManyQueuesCalls>(new URL("../contenders/telltale/many-queues-agent.ts", import.meta.url));

// They do next to nothing, so they are counted at the same time.
async function count(
  run: Run,
  idling: readonly { figure: Figure; contender: (typeof QUEUES)[number]; redis: string }[],
): Promise<void> {
  const [settleMs, windowMs] = run.isQuick ? [3_000, 3_000] : [15_000, 8_000];
  await sleep(settleMs);
  for (let round = 1; round <= run.rounds; round++) {
    run.progress(`round ${round} of ${run.rounds}`);
    const counted = idling.map(async ({ figure, contender, redis }) => {
      run.record(figure, contender, (await requestsWithin(redis, windowMs)) / (windowMs / 1_000));
    });
    await Promise.all(counted);
  }
}
