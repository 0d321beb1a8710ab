import { randomUUID } from "node:crypto";
import { Worker as Thread } from "node:worker_threads";
import { createClock, testRedis, waitFor } from "@telltale/testkit";
import { type ObserverEvent, TelltaleError } from "telltale";
import { createTelltale } from "telltale/server";
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import type { Lease } from "../../src/queue/internal.js";
import { LeaseKeeper, type LeaseKeeperOptions } from "../../src/worker/leases/lease-keeper.js";
import type { HeldLease } from "../../src/worker/leases/lease-protocol.js";
import { jobs } from "./contracts.js";
import { type Logged, memoryLogger } from "./harness.js";

let redis: Awaited<ReturnType<typeof testRedis>>;
beforeAll(async () => {
  redis = await testRedis();
});
afterAll(() => redis.stop());
afterEach(() => {
  // In this order: a restored spy would put a fake timer back.
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const LEASE_MS = 600;

function held(lease: Lease): Omit<HeldLease, "heldAt"> {
  return { ...lease, queue: "double", timeoutMs: 60_000, retryInMs: 0, attempt: 1, since: 0 };
}

/** A keeper, and a job whose lease it may keep. */
async function world({ clock, ...options }: Partial<LeaseKeeperOptions> & { clock?: () => number } = {}) {
  const prefix = `t${randomUUID().slice(0, 8)}`;
  const telltale = createTelltale({ jobs, redis: redis.url, prefix, logger: false, ...(clock && { clock }) });
  onTestFinished(() => telltale[Symbol.asyncDispose]());
  const logged: Logged[] = [];
  const lost: Lease[] = [];
  const cancelled: Lease[] = [];
  const keeper = new LeaseKeeper({
    engine: telltale.$engine,
    queues: ["double"],
    leaseMs: LEASE_MS,
    hung: { pastTimeoutMs: 60_000, silentMs: 60_000 },
    logger: memoryLogger(logged),
    observe: undefined,
    onLost: (lease) => lost.push(lease),
    onCancelled: (lease) => cancelled.push(lease),
    ...options,
  });
  onTestFinished(() => keeper.close());
  const scripts = telltale.$engine.scripts("double");
  const job = await telltale.double.submit({ n: 1 });
  const { jobs: claimed } = await scripts.claim({ loop: "l", request: "r", room: 1, leaseMs: LEASE_MS });
  const [{ id, fence }] = [...claimed, { id: "", fence: 0 }];
  return { telltale, keeper, scripts, job, lease: { id, fence }, lost, cancelled, logged };
}

/** The threads that were started since. */
function threads(): () => Thread[] {
  const listened = vi.spyOn(Thread.prototype, "on");
  return () => [...new Set(listened.mock.contexts)].filter((one) => one instanceof Thread);
}

const errorsOf = ({ logged }: { logged: readonly Logged[] }) => logged.filter(({ level }) => level === "error");

const extended = ({ keeper }: { keeper: LeaseKeeper }, after = 0) => waitFor(() => (keeper.lastExtendAt ?? 0) > after);

test("leases are extended by a thread of its own, so that a busy main thread does not lose them", async () => {
  const made = await world();
  const here = vi.spyOn(made.scripts, "extend");
  expect(made.keeper.lastExtendAt).toBeNull();
  await made.keeper.start();
  here.mockClear();

  made.keeper.hold(held(made.lease));
  await extended(made);
  await extended(made, Date.now());

  expect(here).not.toHaveBeenCalled();
  expect(await made.job.get()).toMatchObject({ status: "running", attempt: 1 });
});

test("when the thread dies, the main thread extends the leases until another thread does", async () => {
  const made = await world();
  const started = threads();
  await made.keeper.start();
  made.keeper.hold(held(made.lease));
  await extended(made);
  const here = vi.spyOn(made.scripts, "extend");

  await started()[0]?.terminate();
  await waitFor(() => here.mock.calls.length > 0);
  await waitFor(() => started().length === 2);
  await extended(made, Date.now());

  expect(errorsOf(made).map(({ message }) => message)).toEqual(["the lease thread ended; starting another"]);
  // The new thread knows of the lease that was held before.
  const calls = await waitFor(async () => {
    const before = here.mock.calls.length;
    await extended(made, Date.now());
    return here.mock.calls.length === before && before;
  });
  expect(calls).toBeGreaterThan(0);
  expect(made.lost).toEqual([]);
});

test("an error in the thread is logged once, does not end the process, and is followed by one new thread", async () => {
  const made = await world();
  const started = threads();
  await made.keeper.start();
  made.keeper.hold(held(made.lease));
  await extended(made);
  const [first] = started();
  const ended = new Promise((resolve) => first?.once("exit", resolve));

  first?.postMessage(null);
  await ended;
  await waitFor(() => started().length === 2);
  await extended(made, Date.now());

  expect(errorsOf(made)).toEqual([
    {
      level: "error",
      message: "the lease thread ended; starting another",
      data: { error: expect.stringContaining("null") },
    },
  ]);
  expect(started()).toHaveLength(2);
});

test("if no thread can be started, the main thread extends the leases, and the start does not wait", async () => {
  // A function cannot be passed to a thread.
  const hung = { pastTimeoutMs: 60_000, silentMs: 60_000, unclonable: () => {} };
  const made = await world({ hung });

  await made.keeper.start();
  made.keeper.hold(held(made.lease));
  await extended(made);

  expect(errorsOf(made)[0]).toMatchObject({
    message: "the lease thread ended; starting another",
    data: { error: expect.stringContaining("could not be cloned") },
  });
});

test.for([
  [60_000, 1],
  [1_000, 5],
])(
  "if a main thread that is silent for %i ms counts as hung, it shows %i times a second that it is not",
  async ([silentMs = 0, times = 0]) => {
    const clock = createClock();
    const beats = vi.spyOn(Atomics, "add");
    const { keeper } = await world({ clock: clock.now, hung: { pastTimeoutMs: 60_000, silentMs } });
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    await keeper.start();

    vi.advanceTimersByTime(3_000);

    expect(beats.mock.calls[0]?.[0][0]).toBe(3 * times);
    await keeper.close();
    expect(vi.getTimerCount()).toBe(0);
  },
);

test("attempts cost the thread no message, unless more are held at once than ever before", async () => {
  const { keeper, lease, lost } = await world();
  await keeper.start();
  const post = vi.spyOn(Thread.prototype, "postMessage");
  const leases = Array.from({ length: 600 }, (_, i) => held({ ...lease, fence: 1_000 + i }));

  for (const one of leases.slice(0, 256)) keeper.hold(one);
  for (const one of leases.slice(0, 256)) keeper.drop(one);
  expect(post).not.toHaveBeenCalled();
  for (const one of leases) keeper.hold(one);
  expect(post).toHaveBeenCalledTimes(2);

  // The thread extends all of them, and finds that Redis has none with these numbers.
  await waitFor(() => lost.length === leases.length);
  expect(new Set(lost.map(({ fence }) => fence)).size).toBe(leases.length);
});

test("a keeper that is closed while its thread is being replaced leaves no timer", async () => {
  const made = await world();
  const started = threads();
  await made.keeper.start();
  made.keeper.hold(held(made.lease));
  await waitFor(() => started().length === 1);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  await started()[0]?.terminate();
  await waitFor(() => errorsOf(made).length > 0);
  // The next extend, and the next thread.
  expect(vi.getTimerCount()).toBe(2);

  await made.keeper.close();

  expect(vi.getTimerCount()).toBe(0);
});

test("a lease that another worker has taken, and a cancel whose message was lost, are reported", async () => {
  const made = await world();
  await made.keeper.start();
  made.keeper.hold(held(made.lease));
  made.keeper.hold(held({ ...made.lease, fence: 99 }));

  await made.scripts.cancel(made.lease.id);
  await waitFor(() => made.lost.length > 0 && made.cancelled.length > 0);

  expect(made.lost).toEqual([{ ...made.lease, fence: 99 }]);
  expect(made.cancelled[0]).toEqual(made.lease);
});

test("an attempt that has ended is no longer extended, by whichever thread", async () => {
  const made = await world();
  made.keeper.hold(held({ ...made.lease, fence: 98 }));
  made.keeper.drop({ ...made.lease, fence: 98 });
  await made.keeper.start();
  made.keeper.hold(held({ ...made.lease, fence: 99 }));
  made.keeper.drop({ ...made.lease, fence: 99 });

  made.keeper.hold(held(made.lease));
  await extended(made);
  await extended(made, Date.now());

  expect(made.lost).toEqual([]);
  expect(errorsOf(made)).toEqual([]);
});

test("with the clock of a test, the main thread extends the leases and reports trouble", async () => {
  const clock = createClock();
  const started = threads();
  const made = await world({ clock: clock.now });
  const here = vi.spyOn(made.scripts, "extend").mockRejectedValueOnce(new TelltaleError("redis_unavailable", "down"));
  await made.keeper.start();
  await made.keeper.start();

  made.keeper.hold(held(made.lease));
  await extended(made);

  expect(here.mock.calls.length).toBeGreaterThan(1);
  expect(here.mock.calls[0]).toEqual([[made.lease], LEASE_MS]);
  expect(started()).toEqual([]);
  expect(made.logged).toEqual([
    { level: "warn", message: "leases could not be extended; trying again", data: { error: "down" } },
  ]);
});

test("a keeper that was closed extends nothing, starts no thread, and can be closed before it starts and twice", async () => {
  const started = threads();
  const early = await world();
  await early.keeper.close();
  await early.keeper.start();
  early.keeper.hold(held(early.lease));
  const made = await world();
  await made.keeper.start();
  made.keeper.hold(held(made.lease));
  await extended(made);

  const ended = new Promise((resolve) => started()[0]?.once("exit", resolve));
  await Promise.all([made.keeper.close(), made.keeper.close()]);
  await ended;

  expect(started()).toHaveLength(1);
  expect(early.keeper.lastExtendAt).toBeNull();
  expect(errorsOf(made)).toEqual([]);
});

test("the thread's calls of Redis are observed if there is an observer", async () => {
  const events: ObserverEvent[] = [];
  const made = await world({ observe: (event) => void events.push(event) });
  await made.keeper.start();

  made.keeper.hold(held(made.lease));
  await extended(made);
  await waitFor(() => events.length > 0);

  expect(events[0]).toMatchObject({ type: "script.called", script: "extend", queue: "double" });
});
