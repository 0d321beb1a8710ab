import { setTimeout as sleep } from "node:timers/promises";
import { Disposing } from "../measure/disposing.js";
import { nowMs } from "../measure/now.js";
import { Latencies } from "../measure/percentile.js";
import { CALLERS, type Caller } from "./caller.js";
import type { ClientCalls } from "./calls.js";

/** Callers at a rate. A socket of the gateway carries at most a hundred subscriptions. */
const CALLERS_AT_RATE = 8;

let next = 0;

export const callEach: ClientCalls["callEach"] = async ({ way, port, count }) => {
  await using caller = await CALLERS[way](port);
  const latencies = new Latencies();
  for (let i = 0; i < count; i++) {
    await timed(caller, { latencies, from: nowMs() });
    await sleep(1 + (i % 4));
  }
  return latencies.percentiles;
};

export const callAtRate: ClientCalls["callAtRate"] = async ({ way, port, perSecond, seconds }) => {
  await using open = new Disposing();
  const callers: Caller[] = [];
  for (let i = 0; i < CALLERS_AT_RATE; i++) callers.push(open.use(await CALLERS[way](port)));
  const latencies = new Latencies();
  const calls: Promise<void>[] = [];
  const jobs = perSecond * seconds;
  let failed = 0;
  const startedAt = nowMs();
  while (calls.length < jobs) {
    const due = Math.min(jobs, Math.ceil(((nowMs() - startedAt) / 1_000) * perSecond));
    while (calls.length < due) {
      const caller = callers[calls.length % callers.length];
      const from = startedAt + (calls.length / perSecond) * 1_000;
      if (caller) calls.push(timed(caller, { latencies, from }).catch(() => void failed++));
    }
    await sleep(1);
  }
  await Promise.all(calls);
  return { latency: latencies.percentiles, failed, perSecond: jobs / ((nowMs() - startedAt) / 1_000) };
};

async function timed(
  { call }: Caller,
  { latencies, from }: Readonly<{ latencies: Latencies; from: number }>,
): Promise<void> {
  const n = next++;
  try {
    const answer = await call(n);
    if (answer !== n) throw new Error(`Job ${n} was answered with the result of ${answer}`);
  } finally {
    // A call that failed counts for as long as its caller waited.
    latencies.record(nowMs() - from);
  }
}
