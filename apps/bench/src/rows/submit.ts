import { assertUnfinished, eachRound, QUEUES } from "./queue-agents.js";
import type { Figure, Row, Run } from "./row.js";

const IN_FLIGHT = 500;

const figure: Figure = {
  name: "submit",
  title: "submit, 500 in flight, one process",
  unit: "per s",
  better: "higher",
  required: [{ factor: 2, of: "bullmq" }],
  stretch: [{ factor: 1, of: "bee-queue" }],
};
const withAof: Figure = {
  name: "submit-aof",
  title: "submit, 500 in flight, Redis with AOF `everysec`",
  unit: "per s",
  better: "higher",
};

/** Submits one job a call. */
export const submit: Row = {
  name: "submit",
  says: "jobs submitted one a call, 500 calls in flight",
  method:
    "One process keeps 500 calls open and submits one job with each. ioredis sends an LPUSH for each. The queue must then hold exactly the submitted jobs.",
  figures: [figure],
  measure: (run) => measure(run, figure, false),
};

/** The same with a Redis that keeps an append-only file. */
export const submitAof: Row = {
  name: "submit-aof",
  says: "the same, Redis with AOF everysec",
  method: "Like `submit`, on a Redis with `appendonly yes` and `appendfsync everysec`.",
  figures: [withAof],
  measure: (run) => measure(run, withAof, true),
};

async function measure(run: Run, figure: Figure, appendOnly: boolean): Promise<void> {
  await using redis = await run.redis({ appendOnly });
  const count = run.isQuick ? 5_000 : 30_000;
  await eachRound(run, { redis: redis.url, contenders: QUEUES }, async ({ contender, submitter, round }) => {
    const { seconds } = await submitter.call("submit", { count, inFlight: IN_FLIGHT });
    await assertUnfinished(submitter, count);
    if (round > 0) run.record(figure, contender, count / seconds);
  });
}
