import { randomUUID } from "node:crypto";
import { createClock, testRedis, waitFor } from "@telltale/testkit";
import { type ObserverEvent, TelltaleError } from "telltale";
import { createTelltale } from "telltale/server";
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { ClaimLoop, type ClaimLoopOptions } from "../../src/worker/claiming/claim-loop.js";
import { Slots } from "../../src/worker/claiming/slots.js";
import { QueueRest } from "../../src/worker/maintenance/queue-rest.js";
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

const LEASE_MS = 30_000;
const NEVER = new AbortController().signal;

/** A loop that claims jobs of the queue `double`. Attempts end when a test ends them. */
function world({ concurrency = 10, ...options }: Partial<ClaimLoopOptions> & { concurrency?: number } = {}) {
  const clock = createClock();
  const prefix = `t${randomUUID().slice(0, 8)}`;
  const telltale = createTelltale({ jobs, redis: redis.url, prefix, logger: false, clock: clock.now });
  onTestFinished(() => telltale[Symbol.asyncDispose]());
  const logged: Logged[] = [];
  const events: ObserverEvent[] = [];
  const begun: { id: string; ageMs: number; end: () => void }[] = [];
  const stopping = new AbortController();
  const over = new AbortController();
  const slots = options.slots ?? new Slots(concurrency);
  const scripts = telltale.$engine.scripts("double");
  const doorbell = telltale.$engine.doorbell("double");
  const logger = memoryLogger(logged);
  const rest = new QueueRest();
  const loop = new ClaimLoop({
    ...{ scripts, doorbell, slots, rest, leaseMs: LEASE_MS, pollMs: 20, logger, sparing: logger },
    ...{ worker: "w1", workerName: "web" },
    observe: (event) => void events.push(event),
    begin: ({ job, ageMs }, end) => void begun.push({ id: job.id, ageMs, end }),
    ...options,
  });
  const claim = scripts.claim.bind(scripts);
  const claims = vi.spyOn(scripts, "claim");
  const state = { isOver: false };
  return {
    ...{
      telltale,
      clock,
      scripts,
      doorbell,
      slots,
      rest,
      loop,
      logged,
      events,
      begun,
      stopping,
      over,
      claim,
      claims,
      state,
    },
    run: () => {
      const done = loop.run({ stopping: stopping.signal, over: over.signal }).then(() => {
        state.isOver = true;
      });
      onTestFinished(() => {
        stopping.abort();
        over.abort();
        return done;
      });
      return done;
    },
  };
}

const down = (): TelltaleError => new TelltaleError("redis_unavailable", "Redis is down");
const requestsOf = ({ claims }: ReturnType<typeof world>) => claims.mock.calls.map(([claim]) => claim);

test("a worker takes as many jobs as it has free slots, and further ones as attempts end", async () => {
  const made = world({ concurrency: 2 });
  await made.telltale.double.submitMany([1, 2, 3].map((n) => ({ input: { n } })));
  expect(made.loop.lastClaimAt).toBeNull();

  void made.run();
  await waitFor(() => made.begun.length === 2);
  expect(made.slots.free).toBe(0);
  made.begun[0]?.end();
  await waitFor(() => made.begun.length === 3);

  expect(requestsOf(made)[0]).toMatchObject({ room: 2, leaseMs: LEASE_MS });
  expect(made.loop.lastClaimAt).toBeGreaterThan(0);
});

test("observers learn which worker claimed a job, and how old it was", async () => {
  const made = world();
  const { id } = await made.telltale.double.submit({ n: 1 });
  made.clock.advance(1_234);

  void made.run();
  await waitFor(() => made.begun.length === 1);

  expect(made.begun[0]).toMatchObject({ id, ageMs: 1_234 });
  expect(made.events.filter(({ type }) => type === "job.claimed")).toEqual([
    expect.objectContaining({ id, kind: "double", queue: "double", attempt: 1, round: 1, worker: "w1", ageMs: 1_234 }),
  ]);
});

test("a job that was not started in time is reported as cancelled by the worker that met it", async () => {
  const made = world();
  const { id } = await made.telltale.double.submit({ n: 1 }, { startWithin: "1s" });
  made.clock.advance(1_001);

  void made.run();
  await waitFor(() => made.events.length > 0);

  expect(made.begun).toEqual([]);
  expect(made.events[0]).toMatchObject({ type: "job.ended", id, status: "cancelled", reason: "not_started_in_time" });
});

test("a claim whose reply was lost is repeated with its request, so that the jobs that it took are not lost", async () => {
  const made = world({ concurrency: 3 });
  await made.telltale.double.submit({ n: 1 });
  made.claims.mockImplementationOnce(async (request) => {
    await made.claim(request);
    throw down();
  });

  void made.run();
  await waitFor(() => made.begun.length === 1);

  await waitFor(() => requestsOf(made).length >= 3);
  const [first, second, third] = requestsOf(made);
  expect(second).toEqual(first);
  expect(third?.request).not.toBe(first?.request);
  expect(made.slots.open).toBe(2);
});

test("an outage is logged once when it begins and once when it ends, however often a claim is repeated", async () => {
  const made = world();
  for (let n = 0; n < 4; n++) made.claims.mockRejectedValueOnce(down());

  void made.run();
  await waitFor(() => made.loop.lastClaimAt);
  await waitFor(() => made.claims.mock.calls.length > 6);

  expect(made.logged).toEqual([
    { level: "warn", message: "claiming failed; trying again", data: { queue: "double", error: "Redis is down" } },
    { level: "info", message: "claiming again", data: { queue: "double" } },
  ]);
});

test("while a claim is repeated, another queue may use the slots", async () => {
  const slots = new Slots(2);
  const made = world({ slots });
  let reject: (error: Error) => void = () => {};
  made.claims.mockImplementationOnce(() => new Promise((_, fail) => (reject = fail)));
  void made.run();
  await waitFor(() => made.claims.mock.calls.length === 1);
  expect(slots.free).toBe(0);

  made.claims.mockImplementation(
    () => new Promise((_, fail) => made.over.signal.addEventListener("abort", () => fail(down()), { once: true })),
  );
  reject(down());
  const other = await slots.take(NEVER);
  slots.use(other, other);
  await waitFor(() => made.claims.mock.calls.length === 2);

  expect(other).toBe(2);
  expect(slots.open).toBe(0);
});

test("a request that is never answered is given up after two leases, or its jobs would be held for ever", async () => {
  const made = world({ leaseMs: 1 });
  made.claims.mockRejectedValue(down());

  void made.run();
  await waitFor(() => new Set(requestsOf(made).map(({ request }) => request)).size >= 3);

  for (const { request } of requestsOf(made)) expect(request).toMatch(/^[0-9a-f-]{36}$/);
});

test("a request is kept while its lease may still hold jobs", async () => {
  const made = world();
  for (let n = 0; n < 4; n++) made.claims.mockRejectedValueOnce(down());

  void made.run();
  await waitFor(() => made.loop.lastClaimAt);

  expect(
    new Set(
      requestsOf(made)
        .slice(0, 5)
        .map(({ request }) => request),
    ).size,
  ).toBe(1);
});

test("a stopped loop claims no more and closes its connection, but waits for the claim that it has sent", async () => {
  const made = world();
  const close = vi.spyOn(made.doorbell, "close");
  await made.telltale.double.submit({ n: 1 });
  let go: () => void = () => {};
  const released = new Promise<void>((resolve) => {
    go = resolve;
  });
  made.claims.mockImplementationOnce(async (request) => {
    await released;
    return made.claim(request);
  });
  const done = made.run();
  await waitFor(() => made.claims.mock.calls.length === 1);

  made.stopping.abort();
  await made.telltale.$engine.ping();
  expect(made.state.isOver).toBe(false);
  go();
  await done;

  expect(made.begun).toHaveLength(1);
  expect(made.claims).toHaveBeenCalledOnce();
  expect(close).toHaveBeenCalled();
});

test("a loop that may not wait any longer gives up a claim that Redis does not answer", async () => {
  const made = world();
  made.claims.mockRejectedValue(down());
  const done = made.run();
  await waitFor(() => made.claims.mock.calls.length > 0);

  made.stopping.abort();
  made.over.abort();
  await done;

  expect(made.state.isOver).toBe(true);
  expect(made.slots.free).toBe(10);
});

test("an idle loop starts jobs that become due, without waiting for maintenance", async () => {
  const made = world({ pollMs: 5 });
  await made.telltale.double.submit({ n: 1 }, { delay: "30ms" });
  void made.run();
  await waitFor(() => made.claims.mock.calls.length > 2);
  expect(made.begun).toEqual([]);

  made.clock.advance(30);

  await waitFor(() => made.begun.length === 1);
});

test.each([
  ["whose jobs are not due yet", 1],
  ["without delayed jobs", 0],
])("a loop %s does not ask Redis to queue them", async (_, jobs) => {
  const made = world({ pollMs: 5 });
  const promote = vi.spyOn(made.scripts, "promote");
  if (jobs > 0) await made.telltale.double.submit({ n: 1 }, { delay: "1h" });

  void made.run();
  await waitFor(() => made.claims.mock.calls.length > 5);

  expect(promote).not.toHaveBeenCalled();
});

test("a failure to queue due jobs does not end the loop", async () => {
  const made = world({ pollMs: 5 });
  vi.spyOn(made.scripts, "promote").mockRejectedValueOnce(down());
  await made.telltale.double.submit({ n: 1 }, { delay: "1ms" });
  made.claims.mockResolvedValueOnce({ jobs: [], more: false, deserted: false, nextDueInMs: 0, now: 0, late: [] });

  void made.run();
  await waitFor(() => made.logged.length > 0);
  made.clock.advance(1);

  await waitFor(() => made.begun.length === 1);
});

test("a worker without room does not listen for rings, which another worker could use", async () => {
  const made = world({ concurrency: 1 });
  const wait = vi.spyOn(made.doorbell, "wait");
  await made.telltale.double.submit({ n: 1 });
  made.claims.mockImplementationOnce(async (request) => ({
    ...(await made.claim(request)),
    more: false,
  }));

  void made.run();
  await waitFor(() => made.begun.length === 1);
  await made.telltale.$engine.ping();

  expect(wait).not.toHaveBeenCalled();
});

test("a worker that is rung but has no room any more passes the ring on, and one that has room keeps it", async () => {
  const made = world({ concurrency: 1 });
  const free: number[] = [];
  vi.spyOn(made.doorbell, "passOn").mockImplementation(async () => void free.push(made.slots.free));
  const wait = vi.spyOn(made.doorbell, "wait");
  wait.mockResolvedValueOnce(true);
  wait.mockImplementationOnce(async () => {
    made.slots.takeUpTo(1);
    return true;
  });

  void made.run();
  await waitFor(() => free.length > 0);

  expect(free).toEqual([0]);
});

test("claims that fail are repeated ever more rarely", async () => {
  const made = world();
  // Without jitter.
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  const timers = vi.spyOn(globalThis, "setTimeout");
  for (let n = 0; n < 3; n++) made.claims.mockRejectedValueOnce(down());

  void made.run();
  await waitFor(() => made.loop.lastClaimAt);

  const delays = timers.mock.calls.flatMap(([, ms]) => (ms === 50 || ms === 100 || ms === 200 ? [ms] : []));
  expect(delays).toEqual([50, 100, 200]);
});

test("a loop that is stopped while all slots are busy does not claim", async () => {
  const made = world({ concurrency: 1 });
  await made.telltale.double.submitMany([1, 2].map((n) => ({ input: { n } })));
  const done = made.run();
  await waitFor(() => made.begun.length === 1);
  const before = made.claims.mock.calls.length;

  made.stopping.abort();
  await done;

  expect(made.claims.mock.calls.length).toBe(before);
});

test("a loop without an observer works", async () => {
  const made = world({ observe: undefined });
  await made.telltale.double.submit({ n: 1 }, { startWithin: "1s" });
  made.clock.advance(1_001);
  await made.telltale.double.submit({ n: 2 });

  void made.run();
  await waitFor(() => made.begun.length === 1);

  expect(made.logged).toEqual([]);
});

test("a worker asks a deserted queue four times more rarely than one with anything in it", async () => {
  const made = world({ pollMs: 20 });
  const waits = vi.spyOn(made.doorbell, "wait").mockImplementation(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return false;
  });

  void made.run();
  await waitFor(() => waits.mock.calls.length > 2);
  expect(new Set(waits.mock.calls.map(([ms]) => ms))).toEqual(new Set([80]));
  expect(made.rest.isResting).toBe(true);
  await made.telltale.double.submit({ n: 1 }, { delay: "1h" });
  await waitFor(() => !made.rest.isResting);
  waits.mockClear();
  await waitFor(() => waits.mock.calls.length > 2);

  expect(new Set(waits.mock.calls.map(([ms]) => ms))).toEqual(new Set([20]));
});
