import { Disposing } from "../measure/disposing.js";
import { type QueueAgent, type QueueContender, startQueueAgent, stopAfter } from "./queue-agents.js";
import type { Figure, Row, Run } from "./row.js";

const CONTENDERS = ["telltale", "bullmq"] as const satisfies readonly QueueContender[];
const SHALLOW = 1_000;
const REFILL = 100;

const ratio: Figure = {
  name: "deep-queue",
  title: "no-op jobs with a million waiting, divided by the same with a thousand",
  unit: "ratio",
  better: "higher",
  required: [{ limit: 0.9 }],
};

/** Whether a long queue is slower than a short one. */
export const deepQueue: Row = {
  name: "deep-queue",
  says: "throughput with a million jobs waiting, compared with a thousand (--quick: 20,000)",
  method:
    "Two servers, one with a thousand waiting jobs and one with a million. On each, a worker with concurrency 100 runs no-op jobs, and submits 100 more whenever it has handled 100, so that the queue stays as long as it is. The figure is the quotient of the two throughputs.",
  figures: [ratio],
  async measure(run) {
    if (run.isQuick) run.note("With `--quick`, 20,000 jobs were waiting and not a million.");
    for (const contender of CONTENDERS) await measure(run, contender);
  },
};

async function measure(run: Run, contender: QueueContender): Promise<void> {
  await using started = new Disposing();
  const jobs = run.isQuick ? 2_000 : 20_000;
  const workers: QueueAgent[] = [];
  for (const depth of [SHALLOW, run.isQuick ? 20_000 : 1_000_000]) {
    run.progress(`${contender}: submitting ${depth} jobs`);
    const { url: redis } = started.use(await run.redis());
    const worker = started.use(await startQueueAgent(contender));
    await worker.call("open", { redis, prefix: "deep", role: "worker", keepsFinished: false });
    await worker.call("submitMany", { count: depth, perCall: 1_000 });
    workers.push(worker);
  }
  for (let round = 0; round <= run.rounds; round++) {
    run.progress(`${contender}: ${round === 0 ? "warm-up" : `round ${round} of ${run.rounds}`}`);
    const rates: number[] = [];
    for (const worker of workers) {
      await worker.call("startWork", { jobs: 0, concurrency: 100, sleepMs: 0, refill: REFILL });
      rates.push((await stopAfter([worker], jobs)).perSecond);
    }
    const [shallow = Number.NaN, deep = Number.NaN] = rates;
    if (round > 0) run.record(ratio, contender, deep / shallow);
  }
}
