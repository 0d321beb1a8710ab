import { waitFor } from "@telltale/testkit";
import { afterEach, expect, vi } from "vitest";
import { NO_LIMITS } from "../../src/queue/record/queue-limits.js";
import { claim } from "../../src/queue/scripts/lifecycle/claim.js";
import { told } from "./feed-story.js";
import { claimOne, type Harness, LEASE_MS, test } from "./harness.js";
import { type OwnHub, ownHub } from "./own-hub.js";
import { silently } from "./silently.js";

afterEach(() => {
  // In this order: a restored spy would put a fake timer back.
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const PERIOD_MS = 5_000;

/** Watches a new job until its first event. */
async function watched(h: Harness, { hub, keys, answered }: OwnHub) {
  const { id } = await h.telltale.resize.submit({ width: 1 });
  const watch = hub.watch(keys, id);
  await watch.next();
  await answered();
  return { id, watch };
}

/** Claims the job that waits, and nobody is told. */
const claimUnheard = (h: Harness): Promise<void> =>
  silently(h, claim, { loop: "l", request: "r", room: 1, leaseMs: LEASE_MS, limits: NO_LIMITS, rememberMs: 1_000 });

/** Lets time pass, and returns how many calls of Redis the hub has made after each step. */
async function callsAfter({ pipelines, answered }: OwnHub, steps: readonly number[]): Promise<number[]> {
  const calls: number[] = [];
  for (const ms of steps) {
    vi.advanceTimersByTime(ms);
    await answered();
    calls.push(pipelines.mock.calls.length);
  }
  return calls;
}

test("the position of a quiet watcher is checked every five seconds, and its job is not read if it is current", async ({
  h,
}) => {
  const own = await ownHub(h);
  await watched(h, own);

  expect(await callsAfter(own, [4_999, 1, 4_999, 1])).toEqual([0, 1, 1, 2]);
  expect(own.reads).toHaveLength(1);
  expect(own.observed).toEqual([]);
});

test("a watcher that has just received something is not checked", async ({ h }) => {
  const own = await ownHub(h);
  const { watch } = await watched(h, own);

  vi.advanceTimersByTime(3_000);
  await claimOne(h.scripts);
  await watch.next();

  expect(await callsAfter(own, [4_999, 1])).toEqual([0, 1]);
});

test.for([
  [0, 5_400],
  [1, 5_500],
])("the checks of many processes are spread over time: %j", async ([random = 0, firstMs = 0], { h }) => {
  const own = await ownHub(h);
  own.random.mockReturnValue(random);
  await watched(h, own);

  expect(await callsAfter(own, [firstMs - 1, 2])).toEqual([0, 1]);
});

test("a lost message is made up for by the next check, and reported as a repair of this job", async ({ h }) => {
  const own = await ownHub(h);
  const { id, watch } = await watched(h, own);
  const next = watch.next();

  await claimUnheard(h);
  vi.advanceTimersByTime(PERIOD_MS);

  expect(told([(await next).value ?? never()])).toEqual(["2.0 running"]);
  await waitFor(() => own.observed.length > 0);
  expect(own.observed).toEqual([
    { type: "watch.repaired", kind: "resize", queue: "resize", id, cause: "position_check", updates: 1 },
  ]);
});

test("an application without an observer gets what it missed as well", async ({ h }) => {
  const own = await ownHub(h, { isObserved: false });
  const { watch } = await watched(h, own);
  const next = watch.next();

  await claimUnheard(h);
  vi.advanceTimersByTime(PERIOD_MS);

  expect(told([(await next).value ?? never()])).toEqual(["2.0 running"]);
  await own.answered();
});

test("the positions of many watchers are checked in calls of five hundred", async ({ h }) => {
  const own = await ownHub(h);
  const { id } = await h.telltale.resize.submit({ width: 1 });
  const watches = Array.from({ length: 501 }, () => own.hub.watch(own.keys, id));
  await Promise.all(watches.map((watch) => watch.next()));
  await own.answered();

  await callsAfter(own, [PERIOD_MS, 1]);

  const sizes = own.pipelines.mock.results.map(({ value }) => Reflect.get(value, "length"));
  expect(sizes).toEqual([500, 1]);
  // All of them were current.
  expect(await callsAfter(own, [PERIOD_MS - 2])).toEqual([2]);
  expect(own.reads).toHaveLength(501);
});

test("a job that cannot be checked does not keep others from being checked", async ({ h }) => {
  const own = await ownHub(h);
  const damaged = await watched(h, own);
  await claimOne(h.scripts);
  await damaged.watch.next();
  const { watch } = await watched(h, own);
  const next = watch.next();
  await claimUnheard(h);
  await h.redis.set(own.keys.job(damaged.id), "not a hash");

  vi.advanceTimersByTime(PERIOD_MS);

  expect(told([(await next).value ?? never()])).toEqual(["2.0 running"]);
  await own.answered();
  expect(own.reads.filter((id) => id === damaged.id)).toHaveLength(1);
});

test("a check that fails is logged, and the next one takes place", async ({ h }) => {
  const own = await ownHub(h);
  const { watch } = await watched(h, own);
  const next = watch.next();
  await claimUnheard(h);
  own.pipelines.mockImplementationOnce(() => {
    throw new Error("Connection is closed.");
  });

  vi.advanceTimersByTime(PERIOD_MS);
  await own.answered();
  expect(own.warnings).toEqual([{ error: "Connection is closed." }]);
  vi.advanceTimersByTime(500);

  expect(told([(await next).value ?? never()])).toEqual(["2.0 running"]);
});

test("while Redis is slow to answer a check, no other check is sent", async ({ h }) => {
  const own = await ownHub(h);
  await watched(h, own);
  // What is sent on this connection later waits for it.
  const busy = own.commands.brpop(own.keys.bell, 0);

  vi.advanceTimersByTime(PERIOD_MS + 4_000);
  expect(own.pipelines).toHaveBeenCalledTimes(1);
  await h.redis.lpush(own.keys.bell, "1");
  await busy;
  await own.answered();

  expect(await callsAfter(own, [PERIOD_MS])).toEqual([2]);
});

test("the checks end with the last watcher, and begin again with the next one", async ({ h }) => {
  const own = await ownHub(h);
  const first = await watched(h, own);
  const second = await watched(h, own);
  const cleared = vi.spyOn(globalThis, "clearInterval");
  await first.watch.return();
  vi.advanceTimersByTime(500);
  expect(cleared).not.toHaveBeenCalled();

  await second.watch.return();
  vi.advanceTimersByTime(500);
  expect(cleared).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(PERIOD_MS);
  expect(cleared).toHaveBeenCalledTimes(1);
  await watched(h, own);

  expect(await callsAfter(own, [PERIOD_MS])).toEqual([1]);
  expect(own.hub.load.watchers).toBe(1);
});

test("chunks whose messages were lost are read after five seconds without a message, and not before", async ({ h }) => {
  const own = await ownHub(h);
  await h.telltale.resize.submit({ width: 1 });
  const lease = await claimOne(h.scripts);
  await h.scripts.chunk({ ...lease, first: 1, pieces: ['{"json":{"text":"a"}}'] });
  const watch = own.hub.watchChunks(own.keys, lease.id);
  await watch.next();
  const next = watch.next();
  await own.answered();
  // As the script writes it, but without publishing it.
  await h.redis.rpush(own.keys.chunks(lease.id), `2\n${h.clock.now()}\n1\n1\n{"json":{"text":"b"}}`);

  expect(await callsAfter(own, [4_999, 1])).toEqual([1, 2]);

  expect((await next).value).toMatchObject({ n: 2 });
});

function never(): never {
  throw new Error("the watch ended");
}
