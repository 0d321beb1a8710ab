import { assertUnfinished, eachRound, handledOnce, QUEUES } from "./queue-agents.js";
import type { Figure, Row, Run } from "./row.js";

const PER_CALL = 1_000;

const busy: Figure = {
  name: "noop",
  title: "no-op jobs, one worker, concurrency 100",
  unit: "per s",
  better: "higher",
  required: [
    { factor: 2, of: "bullmq" },
    { factor: 1.2, of: "bee-queue" },
  ],
  stretch: [
    { factor: 2.2, of: "bullmq" },
    { factor: 1.4, of: "bee-queue" },
  ],
};
const busyWithAof: Figure = {
  name: "noop-aof",
  title: "no-op jobs, concurrency 100, Redis with AOF `everysec`",
  unit: "per s",
  better: "higher",
};
const single: Figure = {
  name: "noop-1",
  title: "no-op jobs, one worker, concurrency 1",
  unit: "per s",
  better: "higher",
};

const METHOD =
  "The queue is filled first. Then one worker runs jobs whose handler returns at once. The figure is the number of jobs between the start of the first and the start of the last, divided by that time. Each job must be handled exactly once, and none may be left waiting or running. ioredis pops with RPOP and loses what it popped if it dies.";

export const noop: Row = {
  name: "noop",
  says: "jobs that do nothing, one worker, concurrency 100",
  method: METHOD,
  figures: [busy],
  measure: (run) => measure(run, { figure: busy, concurrency: 100, appendOnly: false }),
};

export const noopAof: Row = {
  name: "noop-aof",
  says: "the same, Redis with AOF everysec",
  method: "Like `noop`, on a Redis with `appendonly yes` and `appendfsync everysec`.",
  figures: [busyWithAof],
  measure: (run) => measure(run, { figure: busyWithAof, concurrency: 100, appendOnly: true }),
};

export const noopOne: Row = {
  name: "noop-1",
  says: "jobs that do nothing, one worker, concurrency 1",
  method: "Like `noop`, with concurrency 1: one job after another.",
  figures: [single],
  measure: (run) => measure(run, { figure: single, concurrency: 1, appendOnly: false }),
};

interface NoopOptions {
  readonly figure: Figure;
  readonly concurrency: number;
  readonly appendOnly: boolean;
}

async function measure(run: Run, { figure, concurrency, appendOnly }: NoopOptions): Promise<void> {
  await using redis = await run.redis({ appendOnly });
  const jobs = (concurrency > 1 ? 20_000 : 4_000) / (run.isQuick ? 5 : 1);
  await eachRound(run, { redis: redis.url, contenders: QUEUES }, async ({ contender, submitter, worker, round }) => {
    await submitter.call("submitMany", { count: jobs, perCall: PER_CALL });
    await worker.call("startWork", { jobs, concurrency, sleepMs: 0 });
    const { perSecond } = await handledOnce([worker], jobs);
    await assertUnfinished(submitter, 0);
    if (round > 0) run.record(figure, contender, perSecond);
  });
}
