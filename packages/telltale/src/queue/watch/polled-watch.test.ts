import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import type { QueueStats } from "../../core/index.js";
import { PolledWatch } from "./polled-watch.js";

const PERIOD_MS = 1_000;
/** The longest time between two reads. */
const READ_MS = PERIOD_MS * 1.15;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Queues that change with every read. */
function world({ changes = true } = {}) {
  let reads = 0;
  const jobs = { scheduled: 0, running: 0, retrying: 0, completed: 0, failed: 0, cancelled: 0 };
  const watch = new PolledWatch<QueueStats>({
    shown: ({ at: _, ...rest }) => rest,
    onFailure: (_, error) => expect.fail(error),
    read: async (queue): Promise<QueueStats> => {
      reads++;
      return {
        ...{ queue, at: Date.now(), paused: false, nextDueAt: null, oldestQueuedAt: null, setAside: 0 },
        hasWorkers: true,
        jobs: { ...jobs, queued: changes ? reads : 1 },
        totals: { submitted: 1, started: 0, completed: 0, failed: 0, retried: 0, cancelled: 0, leaseLost: 0 },
      };
    },
  });
  onTestFinished(() => watch.close());
  return { watch, reads: () => reads };
}

/** Takes updates as they come, or from `lateMs` on, and records when. */
function watcherOf({ watch }: ReturnType<typeof world>) {
  const at: number[] = [];
  const updates = watch.watch(["mail"]);
  const take = async (): Promise<void> => {
    for await (const _ of updates) at.push(performance.now());
  };
  const next = async (): Promise<void> => {
    const { done } = await updates.next();
    if (!done) at.push(performance.now());
  };
  return { at, take, next };
}

test("a watcher of queues gets at most one update a second, also after it has read late", async () => {
  const made = world();
  const { at, take, next } = watcherOf(made);
  const first = next();
  await vi.advanceTimersByTimeAsync(0);
  await first;
  // It reads again shortly before one of the reads of the queues.
  await vi.advanceTimersByTimeAsync(PERIOD_MS * 2.05);
  void take();

  await vi.advanceTimersByTimeAsync(20 * PERIOD_MS);

  const gaps = at.slice(1).map((one, i) => one - (at[i] ?? 0));
  expect(gaps.length).toBeGreaterThan(10);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(PERIOD_MS);
});

test("each queue is read once a period for all its watchers, and not at all when the last one has left", async () => {
  const made = world();
  const leaving = new AbortController();
  const watches = Array.from({ length: 10 }, () => made.watch.watch(["mail"], { signal: leaving.signal }));
  const firsts = watches.map((one) => one.next());
  await vi.advanceTimersByTimeAsync(0);
  await Promise.all(firsts);
  expect(made.reads()).toBeLessThanOrEqual(2);
  const nexts = watches.map((one) => one.next());

  await vi.advanceTimersByTimeAsync(READ_MS);
  await Promise.all(nexts);
  expect(made.reads()).toBeLessThanOrEqual(3);
  leaving.abort();
  await Promise.all(watches.map((one) => one.next()));
  const before = made.reads();
  await vi.advanceTimersByTimeAsync(60 * PERIOD_MS);

  expect(made.watch.watchers).toBe(0);
  expect(made.reads()).toBe(before);
});

test("a queue that does not change is not sent again", async () => {
  const made = world({ changes: false });
  const { at, take } = watcherOf(made);
  void take();

  await vi.advanceTimersByTimeAsync(20 * PERIOD_MS);

  expect(at).toHaveLength(1);
});
