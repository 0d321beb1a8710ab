import type { Contender } from "../contenders/contender.js";
import { ROWS } from "../rows/all.js";
import type { Figure } from "../rows/row.js";
import type { Chart } from "./charts.js";

const PRODUCTS: readonly Contender[] = ["telltale", "bullmq", "bee-queue"];
const WITH_FLOOR: readonly Contender[] = [...PRODUCTS, "ioredis"];
const LIVE: readonly Contender[] = ["telltale", "trpc", "socket.io", "ws"];

/** The charts of the page, in its order. */
export const CHARTS: readonly Chart[] = [
  {
    file: "submit.svg",
    title: "Jobs submitted by one process",
    figures: [of("submit", "500 in flight"), of("submit-aof", "the same, AOF"), of("submit-many", "1,000 per call")],
    contenders: PRODUCTS,
  },
  {
    file: "noop.svg",
    title: "No-op jobs run by one worker",
    figures: [of("noop", "concurrency 100"), of("noop-aof", "the same, AOF"), of("noop-1", "concurrency 1")],
    contenders: PRODUCTS,
  },
  {
    file: "latency.svg",
    title: "Submit to result in the submitting process, idle",
    figures: [of("latency-p50", "p50"), of("latency-p99", "p99")],
    contenders: WITH_FLOOR,
  },
  {
    file: "fan-out.svg",
    title: "Server CPU per delivered event, 500 watchers",
    figures: [of("fan-out", "60 ms apart")],
    contenders: LIVE,
  },
  {
    file: "bytes.svg",
    title: "Memory in Redis per job",
    figures: [of("bytes-waiting", "waiting"), of("bytes-finished", "finished")],
    contenders: PRODUCTS,
  },
];

function of(name: string, label: string): { readonly figure: Figure; readonly label: string } {
  const figure = ROWS.flatMap((row) => row.figures).find((one) => one.name === name);
  if (!figure) throw new Error(`There is no figure ${name}`);
  return { figure, label };
}
