import type { ToldQueue, ToldWorker } from "../server/answers.js";
import { printableLine } from "./printable.js";
import type { Screen } from "./screen.js";
import { span } from "./span.js";
import { type Column, table } from "./table.js";

/** The queues and workers at one time. */
export interface Overview {
  /** Redis's time, ms since 1970. */
  readonly at: number;
  readonly queues: readonly ToldQueue[];
  /** At most a thousand of them. */
  readonly workers: readonly ToldWorker[];
  readonly workerCount: number;
}

const QUEUE_COLUMNS: readonly Column[] = [
  { title: "QUEUE" },
  { title: "STATE" },
  { title: "QUEUED", right: true },
  { title: "OLDEST", right: true },
  { title: "RUNNING", right: true },
  { title: "RETRYING", right: true },
  { title: "SCHEDULED", right: true },
  { title: "IN/s", right: true },
  { title: "STARTED/s", right: true },
  { title: "DONE/s", right: true },
  { title: "FAILED/s", right: true },
];
const WORKER_COLUMNS: readonly Column[] = [
  { title: "WORKER" },
  { title: "STATE" },
  { title: "BUSY", right: true },
  { title: "LONGEST", right: true },
  { title: "UP", right: true },
  { title: "SEEN", right: true },
  { title: "RUNS" },
];
/** For what there is not now. A column without any text would come and go. */
const NONE = "–";
const QUEUES_SHOWN = 15;
const WORKERS_SHOWN = 30;

/** Formats the queues, those with the most waiting jobs first, and the workers, the busiest first. Rates are those since `before`. */
export function topLines(
  { now, before }: Readonly<{ now: Overview; before: Overview | null }>,
  screen: Screen,
): string[] {
  const { at, queues, workers, workerCount } = now;
  const waiting = queues.toSorted((a, b) => b.jobs.queued - a.jobs.queued || (a.queue < b.queue ? -1 : 1));
  const busiest = workers.toSorted((a, b) => b.runningCount - a.runningCount || (a.name < b.name ? -1 : 1));
  const busy = workers.reduce((sum, { runningCount }) => sum + runningCount, 0);
  const slots = workers.reduce((sum, { concurrency }) => sum + concurrency, 0);
  const title = [
    new Date(at).toISOString(),
    counted(queues.length, "queue"),
    counted(workerCount, "worker"),
    `${busy} of ${slots} slots busy`,
  ];
  return [
    screen.palette.bold(title.join("   ")),
    "",
    ...table(
      QUEUE_COLUMNS,
      waiting.slice(0, QUEUES_SHOWN).map((queue) =>
        queueCells(
          queue,
          before?.queues.find((one) => one.queue === queue.queue),
        ),
      ),
      screen,
    ),
    ...more(queues.length - QUEUES_SHOWN, "queues"),
    "",
    ...table(
      WORKER_COLUMNS,
      busiest.slice(0, WORKERS_SHOWN).map((worker) => workerCells(worker, at)),
      screen,
    ),
    ...more(workerCount - Math.min(workers.length, WORKERS_SHOWN), "workers"),
  ];
}

function queueCells(queue: ToldQueue, before: ToldQueue | undefined): string[] {
  const { paused, hasWorkers, jobs, at, oldestQueuedAt } = queue;
  const rate = (of: (totals: NonNullable<ToldQueue["totals"]>) => number): string => {
    const ms = before ? at - before.at : 0;
    if (ms <= 0 || !queue.totals || !before?.totals) return "";
    return perSecond(((of(queue.totals) - of(before.totals)) * 1_000) / ms);
  };
  return [
    printableLine(queue.queue),
    paused ? "paused" : hasWorkers ? "open" : "no workers",
    String(jobs.queued),
    oldestQueuedAt === null ? NONE : span(at - oldestQueuedAt),
    ...[jobs.running, jobs.retrying, jobs.scheduled].map(String),
    rate(({ submitted }) => submitted),
    rate(({ started }) => started),
    rate(({ completed }) => completed),
    rate(({ failed }) => failed),
  ];
}

function workerCells(worker: ToldWorker, at: number): string[] {
  const { name, draining, runningCount, concurrency, running, startedAt, lastSeenAt } = worker;
  const [longest] = running;
  return [
    name,
    draining ? (runningCount > 0 ? "draining" : "drained") : "ready",
    `${runningCount}/${concurrency}`,
    longest === undefined ? NONE : span(at - longest.since),
    span(at - startedAt),
    span(at - lastSeenAt),
    longest?.id ?? NONE,
  ].map(printableLine);
}

function perSecond(rate: number): string {
  return rate >= 10 || rate === 0 ? String(Math.round(rate)) : rate.toFixed(1);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function more(count: number, what: string): string[] {
  return count > 0 ? [`… and ${count} more ${what}`] : [];
}
