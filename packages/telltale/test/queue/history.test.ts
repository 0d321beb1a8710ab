import type { HistoryBucket, HistoryOptions, QueueHistory } from "telltale";
import { createTelltale } from "telltale/server";
import { expect } from "vitest";
import { fail } from "../../src/queue/scripts/lifecycle/fail.js";
import { runScript } from "../../src/queue/scripts/run-script.js";
import { claimAll, claimOne, ERROR, type Harness, LEASE_MS, OUTPUT, resize, test } from "./harness.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const ZERO = { submitted: 0, started: 0, completed: 0, failed: 0, retried: 0, cancelled: 0, leaseLost: 0 };

function historyOf({ telltale }: Harness, options: Partial<HistoryOptions> = {}): Promise<QueueHistory> {
  return telltale.$queues.history({ queue: "resize", ...options });
}

const countsOf = ({ submitted, started, completed, failed, retried, cancelled, leaseLost }: typeof ZERO) => ({
  ...{ submitted, started, completed, failed, retried, cancelled, leaseLost },
});
const busy = (buckets: readonly HistoryBucket[]) =>
  buckets.filter((bucket) => Object.values(countsOf(bucket)).some((n) => n > 0));
const HISTORY = /:(history|totals|minutes:\d+|hours:\d+)$/;
const key = ({ prefix }: Harness, name: string): string => `${prefix}:{resize}:${name}`;

async function historyKeys(h: Harness): Promise<string[]> {
  return (await h.redis.keys(key(h, "*"))).filter((name) => HISTORY.test(name));
}

/** Submits and completes a job that waits and runs this long. */
async function runOne({ telltale, scripts, clock }: Harness, waitMs = 0, runMs = 0): Promise<void> {
  await telltale.resize.submit({ width: 1 });
  clock.advance(waitMs);
  const lease = await claimOne(scripts);
  clock.advance(runMs);
  await scripts.complete({ ...lease, output: OUTPUT, pending: null });
}

test("each minute counts what happened in it, and minutes in which nothing happened are zero", async ({ h }) => {
  await h.telltale.resize.submit({ width: 1 });
  await runOne(h);
  h.clock.advance(3 * MINUTE_MS);
  await h.scripts.fail({ ...(await claimOne(h.scripts)), error: ERROR, retryInMs: null, pending: null });
  const cancelled = await h.telltale.resize.submit({ width: 1 });
  await cancelled.cancel();

  const { buckets, period, totals, since, until, step, kind } = await historyOf(h, { since: "4m" });

  expect({ step, kind, until }).toEqual({ step: "minute", kind: null, until: h.clock.now() });
  expect(buckets.map(({ at }) => at)).toEqual([0, 1, 2, 3, 4].map((i) => since + i * MINUTE_MS));
  expect(buckets.map(countsOf).slice(1)).toEqual([
    { ...ZERO, submitted: 2, started: 1, completed: 1 },
    ZERO,
    ZERO,
    { ...ZERO, submitted: 1, started: 1, failed: 1, cancelled: 1 },
  ]);
  expect(countsOf(period)).toEqual({ ...ZERO, submitted: 3, started: 2, completed: 1, failed: 1, cancelled: 1 });
  expect(totals).toEqual(countsOf(period));
});

test("an hour has the sums of its minutes, and is kept for 30 days", async ({ h }) => {
  for (let i = 0; i < 3; i++) {
    await runOne(h);
    h.clock.advance(20 * MINUTE_MS);
  }
  h.clock.advance(29 * DAY_MS);
  await runOne(h);

  const { step, buckets } = await historyOf(h, { since: "30d" });

  expect(step).toBe("hour");
  expect(buckets).toHaveLength(30 * 24 + 1);
  expect(busy(buckets).reduce((sum, { completed }) => sum + completed, 0)).toBe(4);
  expect(buckets.at(-1)).toMatchObject({ completed: 1 });
  expect(busy(buckets).length).toBeLessThanOrEqual(3);
});

test("kinds of a queue are counted apart and together", async ({ server, h }) => {
  const small = { ...resize, kind: "small", queue: "resize" } as const;
  await using both = createTelltale({
    jobs: { resize, small } as never,
    redis: server.url,
    prefix: h.prefix,
    clock: () => h.clock.now(),
  });
  await (both as unknown as { small: typeof h.telltale.resize }).small.submit({ width: 1 });
  await h.telltale.resize.submit({ width: 1 });
  await h.telltale.resize.submit({ width: 1 });

  expect((await historyOf(h)).totals.submitted).toBe(3);
  expect((await historyOf(h, { kind: "resize" })).totals.submitted).toBe(2);
  // No contract of this process has the kind, but the queue has counted it.
  const { period, totals } = await historyOf(h, { kind: "small" });
  expect([period.submitted, totals.submitted]).toEqual([1, 1]);
  h.clock.advance(MINUTE_MS);
  await h.telltale.resize.submit({ width: 1 });
  expect((await historyOf(h, { kind: "small" })).period.submitted).toBe(1);
});

test("waiting and running times are measured, and their percentiles are near the true ones", async ({ h }) => {
  for (let i = 1; i <= 100; i++) await runOne(h, i * 10, i);

  const { waitedMs, ranMs } = (await historyOf(h)).period;

  expect([waitedMs.count, ranMs.count]).toEqual([100, 100]);
  for (const [found, real] of [
    ...[
      [waitedMs.p50, 500],
      [waitedMs.p90, 900],
      [waitedMs.p99, 990],
    ],
    ...[
      [ranMs.p50, 50],
      [ranMs.p90, 90],
      [ranMs.p99, 99],
    ],
  ] as [number, number][]) {
    expect(found).toBeGreaterThan(real * 0.66);
    expect(found).toBeLessThan(real * 1.5);
  }
  expect(ranMs.histogram.reduce((sum, [, n]) => sum + n, 0)).toBe(100);
  expect(ranMs.histogram.map(([from]) => from)).toEqual([1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96]);
});

test.for([
  [0, 0],
  [1, 1],
  [2, 2],
  [3, 3],
  [5, 4],
  [6, 6],
  [1_000, 768],
  [1_024, 1_024],
  [7 * DAY_MS, 1.5 * 2 ** 26],
])("a job that waited %d ms is in the bucket that begins at %d ms", async ([ms = 0, from], { h }) => {
  await h.telltale.resize.submit({ width: 1 });
  h.clock.advance(ms);
  await claimOne(h.scripts);

  expect((await historyOf(h)).period.waitedMs.histogram).toEqual([[from, 1]]);
});

test("a job that is retried, given back or rerun counts each start, and a rerun counts as submitted again", async ({
  h,
}) => {
  const { telltale, scripts, clock } = h;
  const { id } = await telltale.resize.submit({ width: 1 });
  await scripts.fail({ ...(await claimOne(scripts)), error: ERROR, retryInMs: 5_000, pending: null });
  clock.advance(5_000);
  await scripts.release([await claimOne(scripts)]);
  await scripts.release([{ ...(await claimOne(scripts)), delayMs: 1_000 }]);
  clock.advance(1_000);
  clock.advance(70);
  await scripts.complete({ ...(await claimOne(scripts)), output: OUTPUT, pending: null });
  await telltale.$engine.rerun(id);

  const { period, totals } = await historyOf(h);

  expect(totals).toEqual({ ...ZERO, submitted: 2, started: 4, retried: 1, completed: 1 });
  // Attempts that were given back have no running time, and a backoff is no waiting time.
  expect(period.ranMs.count).toBe(2);
  expect(period.waitedMs.histogram.every(([from]) => from < 2)).toBe(true);
});

test("a job whose worker is lost counts as lost and as what became of it, without a running time", async ({ h }) => {
  const { telltale, scripts, clock } = h;
  await telltale.resize.submit({ width: 1 });
  for (let i = 0; i < resize.attempts; i++) {
    await claimOne(scripts);
    clock.advance(LEASE_MS + 1);
    await scripts.reclaim(LEASE_MS);
    clock.advance(MINUTE_MS);
  }
  const asked = await telltale.resize.submit({ width: 1 });
  await claimOne(scripts);
  await asked.cancel();
  clock.advance(LEASE_MS + 1);
  await scripts.reclaim(LEASE_MS);

  const { totals, period } = await historyOf(h);

  const { attempts } = resize;
  expect(totals).toEqual({
    ...{ submitted: 2, started: attempts + 1, completed: 0, cancelled: 1 },
    ...{ failed: 1, retried: attempts - 1, leaseLost: attempts + 1 },
  });
  expect(period.ranMs.count).toBe(0);
});

test("a call that is sent again counts nothing", async ({ h }) => {
  await h.telltale.resize.submit({ width: 1 });
  const { id, fence } = await claimOne(h.scripts);
  const target = { redis: h.redis, keys: h.telltale.$engine.keys("resize"), clock: h.clock.now, losses: () => 0 };
  const item = { id, fence, error: ERROR, code: "handler_error", retryInMs: 0, pending: null };
  for (let i = 0; i < 3; i++) await runScript(target, fail, { items: [item], rememberMs: DAY_MS });

  expect((await historyOf(h)).totals).toEqual({ ...ZERO, submitted: 1, started: 1, retried: 1 });
});

test("totals never go down, when jobs and buckets are deleted and when minutes and hours end", async ({ h }) => {
  let before = ZERO;
  for (let i = 0; i < 12; i++) {
    await runOne(h);
    h.clock.advance(7 * DAY_MS);
    await h.scripts.prune();
    for (const name of await h.redis.keys(key(h, "hours:*"))) await h.redis.del(name);
    const [stats] = await h.telltale.$queues.list();
    for (const name of ["submitted", "started", "completed"] as const)
      expect(stats?.totals[name]).toBe(before[name] + 1);
    before = stats?.totals ?? ZERO;
    expect((await historyOf(h)).totals).toEqual(before);
  }
});

test("after the clock was set back, what was counted is neither lost nor counted twice", async ({ h }) => {
  await runOne(h);
  h.clock.advance(2 * HOUR_MS);
  await runOne(h);
  const ahead = h.clock.now();
  h.clock.advance(-2 * HOUR_MS);
  await runOne(h);
  const minutes = await historyOf(h, { since: "1m" });
  expect(minutes.totals).toEqual({ ...ZERO, submitted: 3, started: 3, completed: 3 });
  // The bucket that is ahead of the clock is shown when its time has come again.
  expect(minutes.period.completed).toBe(2);
  h.clock.advance(ahead - h.clock.now());
  await runOne(h);

  for (const step of ["minute", "hour"] as const) {
    const { period, buckets } = await historyOf(h, { since: "4h", step });
    expect(period.completed).toBe(4);
    expect(busy(buckets).map(({ completed }) => completed)).toEqual([2, 2]);
  }
});

test("a job that seems to have started before it was queued, because the clock was set back, waited 0 ms", async ({
  h,
}) => {
  await h.telltale.resize.submit({ width: 1 });
  h.clock.advance(-HOUR_MS);
  await claimOne(h.scripts);

  expect((await historyOf(h)).period.waitedMs.histogram).toEqual([[0, 1]]);
});

test("minutes and hours expire when they are too old, and totals do not", async ({ h }) => {
  await runOne(h);
  h.clock.advance(MINUTE_MS);
  await runOne(h);

  const left = Object.fromEntries(
    await Promise.all(
      (await historyKeys(h)).map(async (name) => [
        name.replace(/\d+$/, "N").slice(key(h, "").length),
        await h.redis.pttl(name),
      ]),
    ),
  );

  expect(left).toMatchObject({ history: -1, totals: -1 });
  expect(left["minutes:N"]).toBeGreaterThan(6 * HOUR_MS - MINUTE_MS);
  expect(left["minutes:N"]).toBeLessThanOrEqual(7 * HOUR_MS);
  expect(left["hours:N"]).toBeGreaterThan(30 * DAY_MS - MINUTE_MS);
  expect(left["hours:N"]).toBeLessThanOrEqual(31 * DAY_MS);
});

test("counts of a minute that ended long ago are in the totals, although their buckets are not kept", async ({ h }) => {
  await runOne(h);
  h.clock.advance(40 * DAY_MS);
  await runOne(h);

  expect((await historyKeys(h)).sort()).toEqual([key(h, "history"), key(h, "totals")]);
  expect((await historyOf(h)).totals.completed).toBe(2);
});

test.for([
  ["a time in the future", { since: new Date(9_999_999_999_000) }],
  ["an end before the beginning", { since: "1m", until: "2m" }],
  ["more minutes than are kept", { since: "7h", step: "minute" }],
  ["more hours than are kept", { since: "32d" }],
  ["a malformed duration", { since: "soon" }],
  ["a negative duration", { since: -1 }],
  ["an unknown step", { step: "day" }],
  ["a misspelt option", { form: "1h" }],
  ["an unknown queue", { queue: "nothing" }],
  ["a queue with a name of 10 KB", { queue: "q".repeat(10_000) }],
] as const)("%s is refused", async ([, options], { h }) => {
  await expect(historyOf(h, options as Partial<HistoryOptions>)).rejects.toMatchObject({ code: "invalid_input" });
});

test("a kind that neither a contract nor the queue knows is refused, also one of another queue", async ({ h }) => {
  for (const kind of ["nothing", "archive", "__proto__", ""]) {
    await expect(historyOf(h, { kind })).rejects.toMatchObject({ code: "unknown_kind" });
  }
  expect((await historyOf(h, { queue: "archive", kind: "archive" })).totals).toEqual(ZERO);
});

test("a window without anything is zero, and `until` may be in the future", async ({ h }) => {
  const { until, buckets, period } = await historyOf(h, { since: "10m", until: new Date(h.clock.now() + DAY_MS) });

  expect(until).toBe(h.clock.now());
  expect(buckets).toHaveLength(11);
  expect(period).toEqual({
    ...ZERO,
    waitedMs: { count: 0, p50: null, p90: null, p99: null, histogram: [] },
    ranMs: { count: 0, p50: null, p90: null, p99: null, histogram: [] },
  });
});

test.for(["string", "list"] as const)(
  "history keys that became a %s stop no job, and counting continues",
  async (type, { h }) => {
    await runOne(h);
    h.clock.advance(MINUTE_MS);
    await runOne(h);
    const spoil = async (): Promise<void> => {
      for (const name of await historyKeys(h)) {
        await h.redis.del(name);
        await (type === "string" ? h.redis.set(name, "x") : h.redis.rpush(name, "x"));
      }
    };
    await spoil();
    expect((await historyOf(h)).period).toMatchObject(ZERO);
    expect((await h.telltale.$queues.list())[0]?.totals).toEqual(ZERO);
    await runOne(h);
    await spoil();
    h.clock.advance(MINUTE_MS);
    await runOne(h);
    h.clock.advance(MINUTE_MS);
    await runOne(h);

    const { period, totals } = await historyOf(h);
    expect(countsOf(period)).toEqual({ ...ZERO, submitted: 2, started: 2, completed: 2 });
    expect(totals).toEqual(countsOf(period));
  },
);

test("bad counts and lines are dropped, and the others are kept", async ({ h }) => {
  const totals = key(h, "totals");
  await runOne(h);
  await h.redis.hset(key(h, "history"), { "599 resize": "spoilt", x: "1", "0": "7", "99 ": "1", "100 two words": "3" });
  await h.redis.hset(totals, { resize: "599=3 =4 x=9 100=1e9 200=-4 0=99999999999999999", other: "\n" });
  await h.redis.hset(key(h, "meta"), { minute: "soon" });
  expect((await historyOf(h)).totals).toMatchObject({ submitted: 3, started: 1, completed: 1, failed: 0 });
  await runOne(h);
  h.clock.advance(MINUTE_MS);
  await runOne(h);

  // The first count of the open minute is lost with the value that replaced it.
  expect((await historyOf(h)).totals).toMatchObject({ submitted: 5, started: 3, completed: 3, failed: 0 });
});

test("a queue with more kinds or times than it may store counts the others under one name", async ({ h }) => {
  const open = Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`599 kind${i}`, "1"]));
  await runOne(h);
  await h.redis.hset(key(h, "history"), open);
  h.clock.advance(MINUTE_MS);
  await runOne(h);

  expect(await h.redis.hlen(key(h, "totals"))).toBe(33);
  expect((await historyOf(h)).totals.submitted).toBe(82);
  await h.redis.hset(
    key(h, "history"),
    Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`599 more${i}`, "1"])),
  );
  h.clock.advance(10);
  await runOne(h, 7_777);
  expect(await h.redis.hget(key(h, "history"), "26 *")).toBe("1");
  expect((await historyOf(h)).totals.submitted).toBe(82 + 2_000 + 1);
  h.clock.advance(MINUTE_MS);
  await runOne(h);

  const { totals, period } = await historyOf(h);
  expect(totals.submitted).toBe(82 + 2_000 + 2);
  expect(period.submitted).toBe(totals.submitted);
  expect(await h.redis.hlen(key(h, "totals"))).toBe(33);
});

test("jobs that are cancelled because they start too late, and those that fire from schedules, are counted", async ({
  h,
}) => {
  await h.telltale.resize.submit({ width: 1 }, { startWithin: 1 });
  h.clock.advance(10);
  expect(await claimAll(h.scripts)).toEqual([]);

  expect((await historyOf(h)).totals).toEqual({ ...ZERO, submitted: 1, cancelled: 1 });
});
