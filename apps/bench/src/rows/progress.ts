import type { Way } from "../clients/calls.js";
import { assertDelivered, type LiveContender, openStages } from "./live-agents.js";
import type { Bound, Figure, Row, Run } from "./row.js";

const WAYS: readonly (readonly [LiveContender, Way])[] = [
  ["telltale", "sdk"],
  ["ws", "ws"],
];
const AT_RATE = { topics: 100, everyMs: 10 };

const figures = (name: string, title: string): { readonly p50: Figure; readonly p99: Figure } => {
  const one = (part: string, required: Bound): Figure => ({
    name: `${name}-${part}`,
    title: `${title}, ${part}`,
    unit: "ms",
    better: "lower",
    required: [required],
    isNoisy: part === "p99",
  });
  return { p50: one("p50", { limit: 3 }), p99: one("p99", { limit: 30 }) };
};
const idle = figures("progress", "`progress()` to a client's `onData`, idle");
const busy = figures("progress-rate", "`progress()` to a client's `onData`, 10,000 events/s");

/** How old progress is when a client sees it. */
export const progress: Row = {
  name: "progress",
  says: "progress() to a client's onData, one job, one watcher",
  method:
    "A handler reports progress every 20 ms, with `progressMs: 0`; a client watches the job with the SDK through the gateway. The floor is PUBLISH to a plain WebSocket.",
  figures: Object.values(idle),
  measure: (run) => measure(run, { figures: idle, topics: 1, everyMs: 20, keepsRate: false }),
};

/** The same when the system is busy. */
export const progressRate: Row = {
  name: "progress-rate",
  says: "progress() to a client's onData, 100 jobs that report 100 times a second each",
  method:
    "100 running jobs report progress 100 times a second each, and each has a watcher with an SDK client of its own: 10,000 events/s. Latency is that of the delivered events; Telltale merges what it cannot send in time.",
  figures: Object.values(busy),
  measure: (run) => measure(run, { figures: busy, ...AT_RATE, keepsRate: true }),
};

interface Load {
  readonly figures: ReturnType<typeof figures>;
  readonly topics: number;
  readonly everyMs: number;
  readonly keepsRate: boolean;
}

async function measure(run: Run, { figures: { p50, p99 }, topics, everyMs, keepsRate }: Load): Promise<void> {
  await using opened = await openStages(run, { contenders: WAYS.map(([contender]) => contender), topics });
  for (const [contender, way] of WAYS) await opened.stages.get(contender)?.watch(way, 1);
  const events = Math.round((run.isQuick ? 1_000 : 4_000) / everyMs);
  for (let round = 0; round <= run.rounds; round++) {
    run.progress(round === 0 ? "warm-up" : `round ${round} of ${run.rounds}`);
    for (const [contender, stage] of opened.stages) {
      const delivered = await stage.publish({ events, everyMs, keepsRate });
      assertDelivered(run, { contender, round }, delivered);
      if (round === 0) continue;
      run.record(p50, contender, delivered.latency.p50);
      run.record(p99, contender, delivered.latency.p99);
    }
  }
}
