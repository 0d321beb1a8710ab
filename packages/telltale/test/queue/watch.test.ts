import { waitFor } from "@telltale/testkit";
import { expect } from "vitest";
import { recorder } from "../observer/recorder.js";
import { all, runThrough, submitPersistent, told } from "./feed-story.js";
import { claimOne, ERROR, type Harness, harness, LEASE_MS, OUTPUT, test } from "./harness.js";

const acknowledged = (h: Harness, channels = 1): Promise<unknown> =>
  waitFor(async () => (await h.redis.pubsub("CHANNELS", `${h.prefix}:*`)).length >= channels);

test("a watcher sees every change as it happens, and the end", async ({ h }) => {
  const job = await h.telltale.resize.submit({ width: 1 });
  const watch = h.telltale.$engine.watch(job.id);
  const seen: string[] = [];
  const next = async (): Promise<void> => {
    const { value } = await watch.next();
    if (value) seen.push(...told([value]));
  };

  await next();
  const lease = await claimOne(h.scripts);
  await next();
  await h.scripts.progress({ ...lease, n: 1, progress: '{"json":{"percent":5}}' });
  await next();
  await h.scripts.cancel(job.id);
  await next();
  await h.scripts.complete({ ...lease, output: OUTPUT, pending: null });
  await next();

  expect(seen).toEqual(["1.0 queued", "2.0 running", "2.1 running", "2.2 running", "3.0 completed"]);
  expect(await watch.next()).toEqual({ value: undefined, done: true });
});

test("a late watcher gets the whole round", async ({ h }) => {
  const id = await submitPersistent(h);
  await runThrough(h, 2);

  expect(told(await all(h.telltale.$engine.watch(id)))).toEqual([
    "1.0 queued",
    "2.0 running",
    "3.0 retrying",
    "4.0 queued",
    "5.0 running",
    "6.0 retrying",
    "7.0 queued",
    "8.0 running",
    "9.0 completed",
  ]);
});

test("a watcher of a delayed job sees that it was scheduled", async ({ h }) => {
  const job = await h.telltale.resize.submit({ width: 1 }, { delay: "1s" });
  await job.cancel();

  expect(told(await all(h.telltale.$engine.watch(job.id)))).toEqual(["1.0 scheduled", "2.0 cancelled"]);
});

test("a watcher that starts in the middle gets the latest progress report", async ({ h }) => {
  const job = await h.telltale.resize.submit({ width: 1 });
  const lease = await claimOne(h.scripts);
  for (let n = 1; n <= 5; n++) await h.scripts.progress({ ...lease, n, progress: `{"json":{"percent":${n}}}` });
  const events = job.watch();
  const seen = [await events.next(), await events.next(), await events.next()].map(({ value }) => value);

  expect(seen).toMatchObject([{ status: "queued" }, { seq: 2, rev: 0 }, { seq: 2, rev: 5, progress: { percent: 5 } }]);
  await events.return?.();
});

test("progress reports are merged for a slow reader, transitions never", async ({ h }) => {
  const job = await h.telltale.resize.submit({ width: 1 });
  const watch = h.telltale.$engine.watch(job.id);
  await watch.next();
  const lease = await claimOne(h.scripts);
  for (let n = 1; n <= 500; n++) await h.scripts.progress({ ...lease, n, progress: `{"json":{"percent":${n}}}` });
  await h.scripts.complete({ ...lease, output: OUTPUT, pending: null });
  await waitFor(async () => (await h.telltale.$engine.find.read(job.id))?.status === "completed");

  const seen = told(await all(watch));

  expect(seen.filter((line) => line.includes(".0 "))).toEqual(["2.0 running", "3.0 completed"]);
  expect(seen.length).toBeLessThan(500);
});

test("a reader that pauses for too long gets a snapshot that is marked as such, and the end", async ({ server }) => {
  const { observer, of } = recorder();
  await using h = await harness(server.url, { observer });
  const id = await submitPersistent(h);
  const watch = h.telltale.$engine.watch(id);
  await watch.next();

  await runThrough(h, 40);

  await h.telltale.$engine.ping();
  const seen = told(await all(watch));
  expect(seen.at(-1)).toMatch(/completed/);
  expect(seen.filter((line) => line.endsWith("!"))).toHaveLength(1);
  expect(seen.length).toBeLessThan(122);
  expect(of("watch.repaired")).toMatchObject([{ id, cause: "overflow" }]);
});

test("a snapshot that is merged with later reports is still marked as a snapshot", async ({ h }) => {
  const job = await h.telltale.resize.submit({ width: 1 });
  const lease = await claimOne(h.scripts);
  await h.scripts.progress({ ...lease, n: 1, progress: "1" });
  const watch = h.telltale.$engine.watch(job.id, { after: "garbage" });
  const first = watch.next();
  expect(told([(await first).value ?? never()])).toEqual(["2.1 running!"]);
  await watch.return();

  const overtaken = h.telltale.$engine.watch(job.id, { after: "garbage" });
  const [update] = await Promise.all([overtaken.next(), h.scripts.progress({ ...lease, n: 2, progress: "2" })]);

  expect(update.value).toMatchObject({ reset: true });
  await overtaken.return();
});

test("a completion is never missed, even if it happens while the watcher subscribes", async ({ h }) => {
  const ends: Promise<unknown>[] = [];
  for (let i = 0; i < 500; i++) {
    const job = await h.telltale.resize.submit({ width: 1 });
    const lease = await claimOne(h.scripts);
    const end = job.result();
    // After zero to three round trips.
    for (let trip = 0; trip < i % 4; trip++) await h.redis.ping();
    await h.scripts.complete({ ...lease, output: OUTPUT, pending: null });
    ends.push(end);
  }

  const results = await Promise.all(ends);

  expect(results.every((result) => JSON.stringify(result) === '{"ok":true,"output":{"bytes":7}}')).toBe(true);
});

test("a watch of an unknown job rejects with not_found", async ({ h }) => {
  const unknown = h.telltale.resize.job(`resize_${"0".repeat(32)}`);

  await expect(unknown.watch().next()).rejects.toMatchObject({ code: "not_found" });
  await expect(unknown.chunks().next()).rejects.toMatchObject({ code: "not_found" });
  await expect(h.telltale.resize.job("garbage").watch().next()).rejects.toMatchObject({ code: "not_found" });
  expect(h.telltale.$engine.hub.load.watchers).toBe(0);
});

test("a watch that is aborted while nothing happens ends at once without an error", async ({ h }) => {
  const job = await h.telltale.resize.submit({ width: 1 });
  const stop = new AbortController();
  const events = job.watch({ signal: stop.signal });
  const chunks = job.chunks({ signal: stop.signal });
  await events.next();
  const parked = [events.next(), chunks.next()];
  await acknowledged(h, 2);

  stop.abort();

  for (const end of await Promise.all(parked)) expect(end).toEqual({ value: undefined, done: true });
  expect(h.telltale.$engine.hub.load.watchers).toBe(0);
  expect(await job.watch({ signal: stop.signal }).next()).toMatchObject({ done: true });
  await expect(job.result({ signal: stop.signal })).rejects.toMatchObject({ code: "closed" });
});

test("leaving the loop leaves nothing behind, including listeners on a long-lived signal", async ({ h }) => {
  const job = await h.telltale.resize.submit({ width: 1 });
  const lasting = new AbortController();
  let listeners = 0;
  const { signal } = lasting;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners += 1;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners -= 1;
    remove(...args);
  };

  for (let i = 0; i < 20; i++) for await (const _ of job.watch({ signal })) break;

  expect(h.telltale.$engine.hub.load).toEqual({ watchers: 0, channels: 1 });
  expect(listeners).toBe(0);
});

test("two hundred watchers of one job share one channel, and all see its end", async ({ h }) => {
  const job = await h.telltale.resize.submit({ width: 1 });
  const watches = Array.from({ length: 200 }, () => all(h.telltale.$engine.watch(job.id)));
  await acknowledged(h);
  await waitFor(() => h.telltale.$engine.hub.load.watchers === 200);
  const lease = await claimOne(h.scripts);
  expect(await h.redis.pubsub("NUMSUB", `${h.prefix}:{resize}:feed:${job.id}`)).toContain(1);
  expect(h.telltale.$engine.hub.load.channels).toBe(1);

  await h.scripts.complete({ ...lease, output: OUTPUT, pending: null });

  for (const seen of await Promise.all(watches)) {
    expect(told(seen)).toEqual(["1.0 queued", "2.0 running", "3.0 completed"]);
  }
  expect(h.telltale.$engine.hub.load.watchers).toBe(0);
});

test("a watcher sees the error of a retry, and that a worker was lost", async ({ h }) => {
  const job = await h.telltale.resize.submit({ width: 1 });
  await h.scripts.fail({ ...(await claimOne(h.scripts)), error: ERROR, retryInMs: 1, pending: null });
  h.clock.advance(1);
  await h.scripts.promote();
  await claimOne(h.scripts);
  h.clock.advance(LEASE_MS + 1);
  await h.scripts.reclaim(LEASE_MS);
  await job.cancel();

  const events = [];
  for await (const event of job.watch()) events.push(event);

  const errors = events.flatMap((event) => (event.status === "retrying" ? [event.error.code] : []));
  expect(errors).toEqual(["handler_error", "worker_lost"]);
  expect(events.at(-1)).toMatchObject({ status: "cancelled" });
});

test("closing the engine ends its watches, and is safe to repeat", async ({ h }) => {
  const job = await h.telltale.resize.submit({ width: 1 });
  const watch = h.telltale.$engine.watch(job.id);
  await watch.next();
  const parked = watch.next();

  h.telltale.$engine.close();
  h.telltale.$engine.close();

  expect(await parked).toEqual({ value: undefined, done: true });
  await expect(h.telltale.resize.submit({ width: 1 })).rejects.toMatchObject({
    code: expect.stringMatching(/^(closed|redis_unavailable)$/),
  });
});

function never(): never {
  throw new Error("the watch ended");
}

test("a forged message does not end a watch, because the end is read from the job", async ({ h }) => {
  const job = await h.telltale.resize.submit({ width: 1 });
  const watch = h.telltale.$engine.watch(job.id);
  await watch.next();
  const lease = await claimOne(h.scripts);
  await watch.next();
  const [channel = ""] = (await h.redis.pubsub("CHANNELS", `${h.prefix}:*`)).map(String);
  const at = Date.now();
  const forged = (status: string): string => ["t", 3, at, status, 1, 1, '{"json":{"forged":true}}'].join("\n");

  for (const status of ["completed", "failed", "cancelled"]) await h.redis.publish(channel, forged(status));
  await h.scripts.progress({ ...lease, n: 1, progress: '{"json":{"percent":5}}' });
  const first = await watch.next();
  await h.scripts.complete({ ...lease, output: OUTPUT, pending: null });
  const rest = await all(watch);

  expect(told([...(first.value ? [first.value] : []), ...rest])).toEqual(["2.1 running", "3.0 completed"]);
  expect(JSON.stringify([first, rest])).not.toContain("forged");
});

test("a watch gets its end even if the job was deleted right after it", async ({ h }) => {
  const job = await h.telltale.resize.submit({ width: 1 });
  const watch = h.telltale.$engine.watch(job.id);
  await watch.next();
  const lease = await claimOne(h.scripts);
  await watch.next();

  await Promise.all([
    h.scripts.complete({ ...lease, output: OUTPUT, pending: null }),
    h.telltale.$engine.remove(job.id),
  ]);

  expect(told(await all(watch))).toEqual(["3.0 completed"]);
});
