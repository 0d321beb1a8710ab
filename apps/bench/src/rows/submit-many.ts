import { assertUnfinished, eachRound, QUEUES } from "./queue-agents.js";
import type { Figure, Row } from "./row.js";

const PER_CALL = 1_000;

const figure: Figure = {
  name: "submit-many",
  title: "submitMany, 1,000 per call",
  unit: "per s",
  better: "higher",
  required: [{ factor: 3, of: "bullmq" }],
  stretch: [{ factor: 1, of: "bee-queue" }],
};

/** Submits a thousand jobs a call. */
export const submitMany: Row = {
  name: "submit-many",
  says: "jobs submitted 1,000 a call, one call after another",
  method:
    "One process calls `submitMany`, BullMQ's `addBulk`, bee-queue's `saveAll` or an LPUSH with 1,000 values, one call after another. The queue must then hold exactly the submitted jobs.",
  figures: [figure],
  async measure(run) {
    await using redis = await run.redis();
    const count = run.isQuick ? 10_000 : 50_000;
    await eachRound(run, { redis: redis.url, contenders: QUEUES }, async ({ contender, submitter, round }) => {
      const { seconds } = await submitter.call("submitMany", { count, perCall: PER_CALL });
      await assertUnfinished(submitter, count);
      if (round > 0) run.record(figure, contender, count / seconds);
    });
  },
};
