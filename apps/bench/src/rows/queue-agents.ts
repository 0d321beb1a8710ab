import type { Contender } from "../contenders/contender.js";
import type { Handled, QueueCalls } from "../contenders/queue-calls.js";
import type { Role } from "../contenders/queue-product.js";
import { type Agent, startAgent } from "../measure/agent.js";
import { control } from "../measure/control.js";
import { Disposing } from "../measure/disposing.js";
import { waitUntil } from "../measure/wait-until.js";
import type { Run } from "./row.js";

export type QueueAgent = Agent<QueueCalls>;

export const QUEUES = ["telltale", "bullmq", "bee-queue", "ioredis"] as const satisfies readonly Contender[];
export type QueueContender = (typeof QUEUES)[number];

export function startQueueAgent(contender: QueueContender): Promise<QueueAgent> {
  return startAgent<QueueCalls>(new URL(`../contenders/${contender}/queue-agent.ts`, import.meta.url));
}

/** The two processes of a contender, for one measurement, on keys of its own. */
export interface Pair {
  readonly contender: QueueContender;
  readonly submitter: QueueAgent;
  readonly worker: QueueAgent;
  /** 0 is the warm-up. */
  readonly round: number;
}

interface PairOptions {
  readonly redis: string;
  readonly contenders: readonly QueueContender[];
  readonly roles?: { readonly submitter: Role; readonly worker: Role };
  readonly keepsFinished?: boolean;
}

/**
 * Lets the contenders take turns in each round, so that other load on the machine meets all of them. Round 0 is the warm-up, in the
 * same processes.
 */
export async function eachRound(
  run: Pick<Run, "rounds" | "progress">,
  options: PairOptions,
  measure: (pair: Pair) => Promise<void>,
): Promise<void> {
  await using started = new Disposing();
  const { redis } = started.use(control(options.redis));
  const pairs: Omit<Pair, "round">[] = [];
  for (const contender of options.contenders) {
    const agents = await Promise.all([startQueueAgent(contender), startQueueAgent(contender)]);
    const [submitter, worker] = agents;
    for (const agent of agents) started.use(agent);
    pairs.push({ contender, submitter, worker });
  }
  const { submitter, worker } = options.roles ?? { submitter: "submitter", worker: "worker" };
  for (let round = 0; round <= run.rounds; round++) {
    run.progress(round === 0 ? "warm-up" : `round ${round} of ${run.rounds}`);
    for (const pair of pairs) {
      const opening = {
        redis: options.redis,
        prefix: `${pair.contender}-${round}`,
        keepsFinished: options.keepsFinished ?? false,
      };
      await pair.submitter.call("open", { ...opening, role: submitter });
      await pair.worker.call("open", { ...opening, role: worker });
      await measure({ ...pair, round });
      await pair.worker.call("close", null);
      await pair.submitter.call("close", null);
      await redis.flushall();
    }
  }
}

/** Waits until the workers handled so many jobs, and stops them. Returns what they handled and how fast. */
export async function stopAfter(
  workers: readonly QueueAgent[],
  jobs: number,
): Promise<{ readonly perSecond: number; readonly reports: readonly Handled[] }> {
  await waitUntil(async () => {
    const handled = await Promise.all(workers.map((worker) => worker.call("handled", null)));
    return sumOf(handled) >= jobs;
  });
  const reports = await Promise.all(workers.map((worker) => worker.call("stopWork", null)));
  const active = reports.filter(({ handled }) => handled > 0);
  const firstAt = Math.min(...active.map((report) => report.firstAt));
  const lastAt = Math.max(...active.map((report) => report.lastAt));
  const handled = sumOf(reports.map((report) => report.handled));
  return { perSecond: ((handled - 1) / (lastAt - firstAt)) * 1_000, reports };
}

/** Like `stopAfter`, and checks that each job was handled exactly once. */
export async function handledOnce(
  workers: readonly QueueAgent[],
  jobs: number,
): Promise<{ readonly perSecond: number }> {
  const { perSecond, reports } = await stopAfter(workers, jobs);
  assertOnce(reports, jobs);
  return { perSecond };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function assertOnce(reports: readonly Handled[], jobs: number): void {
  const each = reports.map(({ counts }) => Buffer.from(counts, "base64"));
  for (let n = 0; n < jobs; n++) {
    const times = each.reduce((sum, counts) => sum + (counts[n] ?? 0), 0);
    if (times !== 1) throw new Error(`Job ${n} of ${jobs} was handled ${times} times`);
  }
}

/** Throws unless the queue has exactly so many unfinished jobs. */
export async function assertUnfinished(agent: QueueAgent, jobs: number): Promise<void> {
  const found = await agent.call("unfinished", null);
  if (found !== jobs) throw new Error(`The queue has ${found} unfinished jobs instead of ${jobs}`);
}
