import type { CallerWay } from "../clients/calls.js";
import { CONTENDERS } from "../contenders/contender.js";
import { type LiveContender, type LiveStage, openStages } from "./live-agents.js";
import type { Figure, Row, Run } from "./row.js";

const PER_SECOND = 2_000;
const KEPT_UP = 0.95;

/**
 * The SDK; tRPC's own client and server, which push jobs to a list and get results by PUBLISH; and as the floor a WebSocket that does
 * the same.
 */
const WAYS: readonly (readonly [LiveContender, CallerWay])[] = [
  ["telltale", "sdk"],
  ["trpc", "trpc"],
  ["ws", "ws"],
];

const p50: Figure = {
  name: "gateway-p50",
  title: "submit to result through gateway, WebSocket and SDK, idle, p50",
  unit: "ms",
  better: "lower",
  required: [{ limit: 2 }],
};
const p99: Figure = {
  name: "gateway-p99",
  title: "submit to result through gateway, WebSocket and SDK, idle, p99",
  unit: "ms",
  better: "lower",
  isNoisy: true,
};
const underLoad: Figure = {
  name: "gateway-load-p99",
  title: "submit to result through gateway, WebSocket and SDK, 2,000 jobs/s, p99",
  unit: "ms",
  better: "lower",
  required: [{ limit: 20 }],
  isNoisy: true,
};

const answered: Figure = {
  name: "gateway-load-rate",
  title: "results through gateway, WebSocket and SDK, of 2,000 jobs/s submitted",
  unit: "per s",
  better: "higher",
  required: [{ limit: PER_SECOND * KEPT_UP }],
};

/** How soon a client hears of its result. */
export const gateway: Row = {
  name: "gateway",
  says: "submit to result through gateway, WebSocket and SDK, while nothing else runs",
  method:
    "A client process submits no-op jobs with the SDK and waits for their outputs, through a server process with the gateway; a worker process runs them. One job after another, with pauses of 1 to 4 ms. Plain tRPC is a mutation over HTTP that uses LPUSH and a subscription over a WebSocket, with httpBatchLink and wsLink; its worker uses BRPOP, and PUBLISH back. The floor is the same with a plain WebSocket.",
  figures: [p50, p99],
  measure: (run) =>
    eachWay(run, async ({ clients, port }, { contender, way, round }) => {
      const idle = await clients.call("callEach", { way, port, count: run.isQuick ? 100 : 500 });
      if (round === 0) return;
      run.record(p50, contender, idle.p50);
      run.record(p99, contender, idle.p99);
    }),
};

/** The same when the system is busy. */
export const gatewayLoad: Row = {
  name: "gateway-load",
  says: "submit to result through gateway, WebSocket and SDK, at 2,000 jobs/s",
  method:
    "Like `gateway`, with 2,000 jobs/s for two seconds, by the clock, over eight clients, however late the results are. Latency counts from when a job was due, so a contender that does not keep up has latencies of seconds. The warm-up has a tenth of the rate.",
  figures: [underLoad, answered],
  measure: (run) =>
    eachWay(run, async ({ clients, port }, { contender, way, round }) => {
      const seconds = run.isQuick ? 1 : 2;
      if (round === 0) {
        await clients.call("callAtRate", { way, port, perSecond: PER_SECOND / 10, seconds: 5 * seconds });
        return;
      }
      const called = await clients.call("callAtRate", { way, port, perSecond: PER_SECOND, seconds });
      run.record(underLoad, contender, called.latency.p99);
      run.record(answered, contender, called.perSecond);
      if (called.failed > 0) {
        run.note(`${CONTENDERS[contender].label}: ${called.failed} calls of round ${round} failed, overloaded.`);
      }
    }),
};

interface Turn {
  readonly contender: LiveContender;
  readonly way: CallerWay;
  /** 0 is the warm-up. */
  readonly round: number;
}

async function eachWay(run: Run, measure: (stage: LiveStage, turn: Turn) => Promise<void>): Promise<void> {
  await using opened = await openStages(run, { contenders: WAYS.map(([contender]) => contender), topics: 0 });
  for (let round = 0; round <= run.rounds; round++) {
    run.progress(round === 0 ? "warm-up" : `round ${round} of ${run.rounds}`);
    for (const [contender, way] of WAYS) {
      const stage = opened.stages.get(contender);
      if (stage) await measure(stage, { contender, way, round });
    }
  }
}
