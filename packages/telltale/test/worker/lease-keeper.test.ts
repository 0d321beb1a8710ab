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
  vi.restoreAllMocks();
});

const LEASE_MS = 600;

function held(lease: Lease): HeldLease {
  return { ...lease, queue: "double", timeoutMs: 60_000, retryInMs: 0 };
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

/** The threads that were sent a message. */
function threads(): () => Thread[] {
  const post = vi.spyOn(Thread.prototype, "postMessage");
  return () => [...new Set(post.mock.contexts)].filter((one) => one instanceof Thread);
}

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

  const messages = made.logged.filter(({ level }) => level === "error").map(({ message }) => message);
  expect(messages).toEqual(["the lease thread ended; starting another"]);
  // The new thread knows of the lease that was held before.
  const calls = await waitFor(async () => {
    const before = here.mock.calls.length;
    await extended(made, Date.now());
    return here.mock.calls.length === before && before;
  });
  expect(calls).toBeGreaterThan(0);
  expect(made.lost).toEqual([]);
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
  expect(made.logged.filter(({ level }) => level === "error")).toEqual([]);
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
