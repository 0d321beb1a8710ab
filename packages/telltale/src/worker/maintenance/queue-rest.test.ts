import { afterEach, expect, test, vi } from "vitest";
import { silentLogger } from "../../core/logger.js";
import { Maintenance, type MaintenanceOptions } from "./maintenance.js";
import { QueueRest } from "./queue-rest.js";

const EVERY_MS = 1_000;

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test("a queue rests while the latest claim found it deserted, but not for long without a claim", () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const rest = new QueueRest();
  expect(rest.isResting).toBe(false);

  rest.found(true);
  vi.advanceTimersByTime(4_999);
  expect(rest.isResting).toBe(true);
  vi.advanceTimersByTime(1);
  expect(rest.isResting).toBe(false);
  rest.found(true);
  rest.found(false);

  expect(rest.isResting).toBe(false);
});

test("the upkeep of a deserted queue makes no calls, except once a minute to delete finished jobs", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  const rest = new QueueRest();
  vi.spyOn(rest, "isResting", "get").mockReturnValue(true);
  const calls: string[] = [];
  const answers: Record<string, unknown> = {
    condemn: { failed: 0, setAside: 0, more: false, ended: [] },
    expire: { expired: 0, more: false, ended: [] },
    promote: { promoted: 0, nextDueInMs: null },
    reclaim: { reclaimed: 0, more: false, ended: [] },
    prune: { pruned: 0, more: false },
    fullness: 0,
    compact: { more: false },
    fireDue: null,
  };
  const answering = new Proxy(
    {},
    {
      get: (_, name) => async () => {
        calls.push(String(name));
        return answers[String(name)];
      },
    },
  );
  const stopping = new AbortController();
  // Only the names of the calls matter here; what they do is tested with Redis.
  const queue = { scripts: answering, schedules: answering } as Pick<MaintenanceOptions, "scripts" | "schedules">;
  const maintenance = new Maintenance({
    ...{ ...queue, rest, leaseMs: 30_000, everyMs: EVERY_MS, logger: silentLogger, sparing: silentLogger },
    ...{ isConnected: () => true, observe: undefined, worker: "w", workerName: "w" },
  });

  const running = maintenance.run(stopping.signal);
  await vi.advanceTimersByTimeAsync(59 * EVERY_MS);
  expect(calls.filter((name) => name === "prune")).toHaveLength(1);
  expect(calls).toHaveLength(8);
  await vi.advanceTimersByTimeAsync(EVERY_MS);
  expect(calls.filter((name) => name === "prune")).toHaveLength(2);
  stopping.abort();
  await vi.advanceTimersByTimeAsync(EVERY_MS);
  await running;
});
