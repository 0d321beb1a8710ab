import colors from "picocolors";
import { expect, test } from "vitest";
import type { ToldQueue, ToldWorker } from "../server/answers.js";
import type { Screen } from "./screen.js";
import { type Overview, topLines } from "./top-lines.js";

const AT = Date.parse("2026-10-01T12:00:00Z");
const screen: Screen = {
  stream: process.stdout,
  isTerminal: false,
  palette: colors.createColors(false),
  columns: () => Number.POSITIVE_INFINITY,
  line() {},
};

function queue(name: string, { at = AT, queued = 0, completed = 0 }): ToldQueue {
  const counts = { submitted: completed, started: completed, failed: 0, retried: 0, cancelled: 0, leaseLost: 0 };
  return {
    ...{ queue: name, at, paused: false, hasWorkers: true, setAside: 0, nextDueAt: null },
    jobs: { scheduled: 0, queued, running: 2, retrying: 0, completed: 0, failed: 0, cancelled: 0 },
    oldestQueuedAt: queued > 0 ? at - 65_000 : null,
    totals: { ...counts, completed },
  };
}

function worker(name: string, runningCount: number): ToldWorker {
  const running = runningCount > 0 ? [{ id: `mail_${name}`, kind: "mail", attempt: 1, since: AT - 8_000 }] : [];
  return {
    ...{ name, id: name, version: "1", host: "web", pid: 1, queues: ["mail"], queueCount: 1, concurrency: 10 },
    ...{ startedAt: AT - 7_200_000, lastSeenAt: AT - 1_000, draining: false, running, runningCount },
  };
}

const overview = (parts: Partial<Overview>): Overview => ({
  at: AT,
  queues: [],
  workers: [],
  workerCount: 0,
  ...parts,
});

test("the fullest queue and the busiest worker come first, with rates since the last update", () => {
  const before = overview({ queues: [queue("mail", { at: AT - 2_000, completed: 100 }), queue("slow", {})] });
  const now = overview({
    queues: [queue("mail", { completed: 150 }), queue("slow", { queued: 7 })],
    workers: [worker("a", 0), worker("b", 3)],
    workerCount: 2,
  });

  expect(topLines({ now, before }, screen)).toEqual(
    [
      "2026-10-01T12:00:00.000Z   2 queues   2 workers   3 of 20 slots busy",
      "",
      "QUEUE  STATE  QUEUED  OLDEST  RUNNING  RETRYING  SCHEDULED  IN/s  STARTED/s  DONE/s  FAILED/s",
      "slow   open        7      1m        2         0          0                                   ",
      "mail   open        0       –        2         0          0    25         25      25         0",
      "",
      "WORKER  STATE  BUSY  LONGEST  UP  SEEN  RUNS",
      "b       ready  3/10       8s  2h    1s  mail_b",
      "a       ready  0/10        –  2h    1s  –",
    ].map((line) => line.trimEnd()),
  );
});

test("without an earlier update there are no rates, and what does not fit is counted", () => {
  const queues = Array.from({ length: 18 }, (_, i) => queue(`q${i}`, {}));
  const workers = Array.from({ length: 31 }, (_, i) => worker(`w${i}`, 0));

  const lines = topLines({ now: overview({ queues, workers, workerCount: 1_200 }), before: null }, screen);

  expect(lines).toContain("… and 3 more queues");
  expect(lines).toContain("… and 1170 more workers");
  expect(lines.join("\n")).not.toContain("IN/s");
});

test("names with control characters are made printable", () => {
  const now = overview({ queues: [queue("a\u001b[31m", {})], workers: [worker("b\nc", 1)], workerCount: 1 });

  expect(topLines({ now, before: null }, screen).join("|")).toMatch(/a�\[31m.*b c/);
});
