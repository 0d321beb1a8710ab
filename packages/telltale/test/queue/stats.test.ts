import { waitFor } from "@telltale/testkit";
import type { QueueStats } from "telltale";
import { expect } from "vitest";
import { claimAll, claimOne, ERROR, type Harness, harness, OUTPUT, test } from "./harness.js";

const COUNTED = { submitted: 0, started: 0, completed: 0, failed: 0, retried: 0, cancelled: 0, leaseLost: 0 };
const NONE = { scheduled: 0, queued: 0, running: 0, retrying: 0, completed: 0, failed: 0, cancelled: 0 };

async function statsOf({ telltale }: Harness, queue = "resize"): Promise<QueueStats | undefined> {
  return (await telltale.$queues.list()).find((stats) => stats.queue === queue);
}

/** The number of script calls on the server. */
async function calls({ redis }: Harness): Promise<number> {
  const info = await redis.info("commandstats");
  return Number(/^cmdstat_evalsha:calls=(\d+)/m.exec(info)?.[1] ?? 0);
}

test("the statistics of every queue contain its jobs by status, whether it is paused, when the next is due and the oldest waiting", async ({
  h,
}) => {
  const { telltale, scripts, clock } = h;
  expect(await telltale.$queues.list()).toEqual([
    {
      queue: "resize",
      at: clock.now(),
      paused: false,
      jobs: NONE,
      totals: COUNTED,
      nextDueAt: null,
      oldestQueuedAt: null,
      setAside: 0,
      hasWorkers: false,
    },
    {
      queue: "archive",
      at: clock.now(),
      paused: false,
      jobs: NONE,
      totals: COUNTED,
      nextDueAt: null,
      oldestQueuedAt: null,
      setAside: 0,
      hasWorkers: false,
    },
  ]);
  await telltale.resize.submit({ width: 1 });
  await scripts.complete({ ...(await claimOne(scripts)), output: OUTPUT, pending: null });
  await telltale.resize.submit({ width: 1 });
  await scripts.fail({ ...(await claimOne(scripts)), error: ERROR, retryInMs: 7_000, pending: null });
  const cancelled = await telltale.resize.submit({ width: 1 });
  await cancelled.cancel();
  clock.advance(1);
  const oldest = clock.now();
  await telltale.resize.submit({ width: 1 }, { priority: "low" });
  clock.advance(1);
  await telltale.resize.submit({ width: 1 }, { priority: "urgent" });
  await telltale.resize.submit({ width: 1 }, { priority: "urgent" });
  await claimOne(scripts);
  await telltale.resize.submit({ width: 1 }, { delay: "1h" });
  await telltale.$queues.pause("resize");

  expect(await statsOf(h)).toEqual({
    queue: "resize",
    at: clock.now(),
    paused: true,
    jobs: { scheduled: 1, queued: 2, running: 1, retrying: 1, completed: 1, failed: 0, cancelled: 1 },
    totals: { ...COUNTED, submitted: 7, started: 3, completed: 1, retried: 1, cancelled: 1 },
    nextDueAt: oldest - 1 + 7_000,
    oldestQueuedAt: oldest,
    setAside: 0,
    hasWorkers: true,
  });
});

test("a queue that is paused by name starts no jobs until it is resumed", async ({ h }) => {
  await h.telltale.$queues.pause("resize");
  await h.telltale.resize.submit({ width: 1 });
  expect(await claimAll(h.scripts)).toEqual([]);
  expect(await statsOf(h)).toMatchObject({ paused: true });
  await h.telltale.$queues.resume("resize");

  expect(await claimAll(h.scripts)).toHaveLength(1);
  expect(await statsOf(h)).toMatchObject({ paused: false });
  for (const queue of ["nothing", "__proto__", ""]) {
    await expect(h.telltale.$queues.pause(queue)).rejects.toMatchObject({ code: "invalid_input" });
    await expect(h.telltale.$queues.resume(queue)).rejects.toMatchObject({ code: "invalid_input" });
  }
});

test("a watcher of queues gets their statistics at once, and then every change", async ({ server }) => {
  await using h = await harness(server.url, { statsEveryMs: 10 });
  const leaving = new AbortController();
  const watch = h.telltale.$queues.watch({ signal: leaving.signal });
  expect((await watch.next()).value).toMatchObject([{ queue: "resize", jobs: NONE }, { queue: "archive" }]);
  const next = watch.next();
  const before = await calls(h);
  // The queues are read several times, without a change.
  await waitFor(async () => (await calls(h)) > before + 6);
  await h.telltale.resize.submit({ width: 1 });

  expect((await next).value).toMatchObject([{ jobs: { queued: 1 } }, { jobs: NONE }]);
  const last = watch.next();
  leaving.abort();
  expect((await last).done).toBe(true);
});

test("queues are read once for all watchers, and not at all without watchers", async ({ server }) => {
  await using h = await harness(server.url, { statsEveryMs: 20 });
  const leaving = Array.from({ length: 50 }, () => new AbortController());
  const watches = leaving.map(({ signal }) => h.telltale.$queues.watch({ signal }));
  await Promise.all(watches.map((watch) => watch.next()));
  const parked = watches.map((watch) => watch.next());
  const before = await calls(h);
  await waitFor(async () => (await calls(h)) >= before + 4);
  // Two queues, read once or twice. If each of the fifty watchers read them, one round would be a hundred calls.
  expect((await calls(h)) - before).toBeLessThan(60);
  await h.telltale.resize.submit({ width: 1 });
  expect((await Promise.all(parked)).every(({ done }) => !done)).toBe(true);
  const last = watches.map((watch) => watch.next());

  for (const one of leaving) one.abort();
  await Promise.all(last);

  expect(h.telltale.$engine.statsWatch.watchers).toBe(0);
  const after = await calls(h);
  // Longer than one period, because each ping is a round trip.
  for (let i = 0; i < 300; i++) await h.redis.ping();
  expect((await calls(h)) - after).toBeLessThanOrEqual(2);
});

test("a watcher that resumes does not get the statistics it has already seen", async ({ server }) => {
  await using h = await harness(server.url, { statsEveryMs: 10 });
  const engine = h.telltale.$engine;
  const first = (await engine.statsWatch.watch(["resize"]).next()).value;
  const watch = engine.statsWatch.watch(["resize"], { after: first?.position });
  const next = watch.next();
  await h.telltale.resize.submit({ width: 1 });
  const changed = (await next).value;
  const garbage = (await engine.statsWatch.watch(["resize"], { after: "__proto__" }).next()).value;

  expect(first?.items).toMatchObject([{ jobs: { queued: 0 } }]);
  expect(changed?.items).toMatchObject([{ jobs: { queued: 1 } }]);
  expect(garbage?.items).toMatchObject([{ jobs: { queued: 1 } }]);
  await watch.return(undefined);
});

test("closing ends every watch of queues, and a watch that is started later ends at once", async ({ server }) => {
  await using h = await harness(server.url, { statsEveryMs: 10 });
  const watch = h.telltale.$queues.watch();
  await watch.next();
  const parked = watch.next();

  await h.telltale[Symbol.asyncDispose]();

  expect((await parked).done).toBe(true);
  expect((await h.telltale.$queues.watch().next()).done).toBe(true);
});
