import { setImmediate as turn } from "node:timers/promises";
import { changeRecord, waitFor } from "@telltale/testkit";
import { afterEach, expect, vi } from "vitest";
import { all, told } from "./feed-story.js";
import { claimOne, type Harness, OUTPUT, test } from "./harness.js";
import { type OwnHub, ownHub } from "./own-hub.js";

afterEach(() => {
  // In this order: a restored spy would put a fake timer back.
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const piece = (text: string): string => `{"json":{"text":"${text}"}}`;

/** A running job with two chunks. */
async function running(h: Harness) {
  await h.telltale.resize.submit({ width: 1 });
  const lease = await claimOne(h.scripts);
  await h.scripts.chunk({ ...lease, first: 1, pieces: [piece("a"), piece("b")] });
  return lease;
}

/** The watch of a job and the watch of its chunks, after their first event. */
async function both({ hub, keys }: OwnHub, id: string, signal?: AbortSignal) {
  const job = hub.watch(keys, id, { signal });
  const chunks = hub.watchChunks(keys, id, { signal });
  await Promise.all([job.next(), job.next(), chunks.next(), chunks.next()]);
  return { job, chunks };
}

const ENDED = { value: undefined, done: true };

test("a signal that aborts ends the watches of a job and of its chunks, and another signal does not", async ({ h }) => {
  const own = await ownHub(h);
  const { id } = await running(h);
  const stop = new AbortController();
  const { job, chunks } = await both(own, id, stop.signal);
  const others = await both(own, id, new AbortController().signal);
  expect(own.hub.load).toEqual({ watchers: 4, channels: 2 });
  const parked = [job.next(), chunks.next()];

  stop.abort();

  expect(await Promise.all(parked)).toEqual([ENDED, ENDED]);
  expect(own.hub.load).toEqual({ watchers: 2, channels: 2 });
  await Promise.all([others.job.return(), others.chunks.return()]);
});

test("a signal that has already aborted subscribes to nothing", async ({ h }) => {
  const own = await ownHub(h);
  const { id } = await running(h);
  const signal = AbortSignal.abort();

  expect(await all(own.hub.watch(own.keys, id, { signal }))).toEqual([]);
  expect(await all(own.hub.watchChunks(own.keys, id, { signal }))).toEqual([]);
  expect(own.hub.load).toEqual({ watchers: 0, channels: 0 });
});

test("a watch that is given the record of a job that has ended reads and subscribes to nothing", async ({ h }) => {
  const own = await ownHub(h);
  const lease = await running(h);
  await h.scripts.complete({ ...lease, output: OUTPUT, pending: null });
  const ended = (await h.scripts.read(lease.id)) ?? undefined;

  const updates = await all(own.hub.watch(own.keys, lease.id, { ended }));

  expect(told(updates)).toEqual(["1.0 queued", "2.0 running", "3.0 completed"]);
  expect(own.reads).toEqual([]);
  expect(own.hub.load).toEqual({ watchers: 0, channels: 0 });
});

test("watches that were left leave no listener on a lasting signal, and no channel after five seconds", async ({
  h,
}) => {
  const own = await ownHub(h, { stopsTimeouts: true });
  const { id } = await running(h);
  const { signal } = new AbortController();
  const added = vi.spyOn(signal, "addEventListener");
  const removed = vi.spyOn(signal, "removeEventListener");
  for (const watch of Object.values(await both(own, id, signal))) await watch.return();
  expect(own.hub.load).toEqual({ watchers: 0, channels: 2 });
  expect(added.mock.calls.length).toBeGreaterThan(0);
  expect(removed.mock.calls.length).toBe(added.mock.calls.length);

  vi.advanceTimersByTime(5_000);

  expect(own.hub.load).toEqual({ watchers: 0, channels: 0 });
});

test("closing the hub ends the watches of jobs and of chunks and leaves no timer, and a hub can be closed twice", async ({
  h,
}) => {
  const own = await ownHub(h);
  const { id } = await running(h);
  const { job, chunks } = await both(own, id);
  const parked = [job.next(), chunks.next()];

  own.hub.close();
  own.hub.close();

  expect(await Promise.all(parked)).toEqual([ENDED, ENDED]);
  expect(vi.getTimerCount()).toBe(0);
  await expect(own.hub.watch(own.keys, id).next()).rejects.toMatchObject({ code: "closed" });
});

test("watches do not keep a process alive", async ({ h }) => {
  const own = await ownHub(h);
  const started = vi.spyOn(globalThis, "setInterval");
  const { id } = await running(h);

  const { job, chunks } = await both(own, id);

  const timers = started.mock.results.map(({ value }) => value.hasRef());
  expect(timers.length).toBeGreaterThan(0);
  expect(timers).not.toContain(true);
  await Promise.all([job.return(), chunks.return()]);
});

test("a watch without a cursor starts with the round, and one with a malformed cursor gets a snapshot that says so", async ({
  h,
}) => {
  const own = await ownHub(h);
  const { id } = await running(h);
  const first = async (after?: string) => {
    const watch = own.hub.watch(own.keys, id, { after });
    const { value } = await watch.next();
    await watch.return();
    return value ? told([value]) : [];
  };

  expect(await first()).toEqual(["1.0 queued"]);
  expect(await first("garbage")).toEqual(["2.0 running!"]);
  expect(await first("")).toEqual(["2.0 running!"]);
});

test("a watch of chunks resumes after its cursor, and starts with the first chunk if the cursor is another job's", async ({
  h,
}) => {
  const own = await ownHub(h);
  const lease = await running(h);
  await h.scripts.complete({ ...lease, output: OUTPUT, pending: null });
  const numbers = async (after?: string) =>
    (await all(own.hub.watchChunks(own.keys, lease.id, { after }))).map(({ n }) => n);
  const at = h.clock.now().toString(36);

  expect(await numbers()).toEqual([1, 2]);
  expect(await numbers(`${at}:1`)).toEqual([2]);
  expect(await numbers(`${at}:2`)).toEqual([]);
  expect(await numbers(`${at}1:1`)).toEqual([1, 2]);
  expect(await numbers("garbage")).toEqual([1, 2]);
});

test("chunks are not read before the subscription is acknowledged, so that none is missed in between", async ({
  h,
}) => {
  const own = await ownHub(h);
  const { id } = await running(h);
  const watch = own.hub.watchChunks(own.keys, id);

  const next = watch.next();
  // Redis cannot have answered yet.
  await turn();
  expect(own.pipelines).not.toHaveBeenCalled();

  expect((await next).value).toMatchObject({ n: 1 });
  await watch.return();
});

test("a watch of chunks skips a damaged line, and rejects with not_found if the job does not exist", async ({ h }) => {
  const own = await ownHub(h);
  const lease = await running(h);
  await h.redis.rpush(own.keys.chunks(lease.id), "damaged");
  await h.scripts.complete({ ...lease, output: OUTPUT, pending: null });

  const seen = await all(own.hub.watchChunks(own.keys, lease.id));
  const unknown = own.hub.watchChunks(own.keys, "resize_0").next();

  expect(seen.map(({ n }) => n)).toEqual([1, 2]);
  await expect(unknown).rejects.toMatchObject({ code: "not_found" });
});

test("a watch of a job whose status is damaged rejects with not_found, like that of a missing job", async ({ h }) => {
  const own = await ownHub(h);
  const lease = await running(h);
  await changeRecord(h.redis, own.keys.job(lease.id), { status: "weird" });

  await expect(own.hub.watchChunks(own.keys, lease.id).next()).rejects.toMatchObject({ code: "not_found" });
});

test.for(["the list", "the job"])(
  "while Redis refuses to read %s, it is logged, and chunks arrive later",
  async (which, { h }) => {
    const own = await ownHub(h);
    const lease = await running(h);
    const key = which === "the list" ? own.keys.chunks(lease.id) : own.keys.job(lease.id);
    await h.redis.rename(key, `${key}:aside`);
    await h.redis.set(key, "another type");
    const watch = own.hub.watchChunks(own.keys, lease.id);
    const next = watch.next();
    await waitFor(() => own.warnings.length > 0);

    await h.redis.rename(`${key}:aside`, key);

    expect((await next).value).toMatchObject({ n: 1 });
    expect(own.warnings[0]).toEqual({ job: lease.id, error: expect.stringContaining("WRONGTYPE") });
    await watch.return();
  },
);

test("a worker hears which attempt is cancelled, and malformed messages change nothing", async ({ h }) => {
  const own = await ownHub(h);
  const heard: unknown[] = [];
  const listening = own.hub.onCancel(own.keys, (id, fence) => heard.push([id, fence]));
  await listening.acknowledged;

  for (const text of ["cancel", "cancel\nresize_1", "other\nresize_1\n1", "", "cancel\nresize_1\n7"])
    await h.redis.publish(own.keys.control, text);
  await waitFor(() => heard.length > 0);

  expect(heard).toEqual([["resize_1", 7]]);
  listening.close();
});
