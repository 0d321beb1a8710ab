import { randomUUID } from "node:crypto";
import { testRedis, waitFor } from "@telltale/testkit";
import { defineJob, defineJobs, handle } from "telltale";
import { createTelltale } from "telltale/server";
import { createWorker } from "telltale/worker";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { anything, brief, double, jobs } from "./contracts.js";
import { aborted, deferred, harness, type Logged, memoryLogger } from "./harness.js";

let redis: Awaited<ReturnType<typeof testRedis>>;
beforeAll(async () => {
  redis = await testRedis();
});
afterAll(() => redis.stop());

test("an idle worker starts a job at once, long before its next poll", async () => {
  const { telltale, work } = harness(redis.url);
  const worker = work([handle(double, async ({ input }) => ({ doubled: input.n * 2 }))], { pollMs: 4_000 });
  await waitFor(() => worker.liveness.lastClaimAt);
  await waitFor(async () => (await telltale.double.submit({ n: 0 })).result());

  const from = performance.now();
  await (await telltale.double.submit({ n: 1 })).result();

  expect(performance.now() - from).toBeLessThan(1_000);
});

test("an idle worker of several queues polls each of them no more often than its interval", async () => {
  const { telltale, work } = harness(redis.url);
  const claims = vi.spyOn(telltale.$engine.scripts("double"), "claim");
  const nothing = async () => ({ doubled: 0 });
  const worker = work([handle(double, nothing), handle(anything, nothing), handle(brief, nothing)], { pollMs: 50 });
  await worker.start();

  const from = performance.now();
  const before = claims.mock.calls.length;
  await waitFor(() => claims.mock.calls.length >= before + 10);

  expect(performance.now() - from).toBeGreaterThan(300);
});

test("if a worker without room is woken, a worker with room is woken in turn", async () => {
  const { telltale, work } = harness(redis.url);
  const { promise: over, resolve: end } = deferred();
  const handlers = [handle(double, async ({ input }) => ({ doubled: input.n })), handle(anything, () => over)];
  const options = { concurrency: 1, pollMs: 4_000 };
  const busy = work(handlers, options);
  await busy.start();
  await waitFor(() => busy.liveness.lastClaimAt);
  // The worker still waits on the doorbell of the other queue when this job takes its room.
  const long = await telltale.anything.submit({});
  await waitFor(() => busy.liveness.running === 1);
  const idle = work(handlers, options);
  await idle.start();
  await waitFor(() => idle.liveness.lastClaimAt);

  const from = performance.now();
  await (await telltale.double.submit({ n: 1 })).result();

  expect(performance.now() - from).toBeLessThan(1_000);
  end();
  await long.result();
});

test("a delayed job starts when it is due and not earlier, even on a worker that has been idle for long", async () => {
  const { telltale, work } = harness(redis.url);
  let startedAt = 0;
  work(
    [
      handle(anything, async () => {
        startedAt = performance.now();
      }),
    ],
    { pollMs: 4_000 },
  );
  await (await telltale.anything.submit({})).result();

  const from = performance.now();
  await (await telltale.anything.submit({}, { delay: "400ms" })).result();

  expect(startedAt - from).toBeGreaterThan(380);
  expect(startedAt - from).toBeLessThan(1_500);
});

test("no more handlers run at the same time than the concurrency of the worker, over all queues", async () => {
  const { telltale, work } = harness(redis.url);
  let running = 0;
  let most = 0;
  const count = async () => {
    most = Math.max(most, ++running);
    // The work takes long enough for others to start concurrently.
    await new Promise((resolve) => setTimeout(resolve, 5));
    running -= 1;
  };
  work([handle(anything, count), handle(brief, count)], { concurrency: 3 });

  const submits = Array.from({ length: 20 }, () => [telltale.anything.submit({}), telltale.brief.submit({})]);
  const done = await Promise.all(submits.flat().map(async (job) => (await job).result()));

  expect(done.every(({ ok }) => ok)).toBe(true);
  expect(most).toBe(3);
});

test("three workers share 300 equal jobs, and each runs at least a fifth", async () => {
  const first = harness(redis.url);
  const counts = [0, 0, 0];
  const workers = counts.map((_count, i) =>
    harness(redis.url, first.prefix).work([
      handle(double, async () => {
        // The work, the same for every job.
        await new Promise((resolve) => setTimeout(resolve, 20));
        counts[i] = (counts[i] ?? 0) + 1;
        return { doubled: i };
      }),
    ]),
  );
  await waitFor(() => workers.every(({ liveness }) => liveness.lastClaimAt));

  const submitted = await Promise.all(Array.from({ length: 300 }, (_, n) => first.telltale.double.submit({ n })));
  await Promise.all(submitted.map((job) => job.result()));

  expect(counts.reduce((sum, count) => sum + count)).toBe(300);
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(60);
});

test("a cancel reaches a running handler, and an error that it then throws ends the job as cancelled", async () => {
  const { telltale, work } = harness(redis.url);
  const started = deferred();
  const causes: unknown[] = [];
  work([
    handle(anything, async ({ signal }) => {
      started.resolve();
      await aborted(signal).finally(() => causes.push(signal.reason.cause));
    }),
  ]);
  const job = await telltale.anything.submit({});
  await started.promise;

  expect(await job.cancel()).toBe("requested");

  expect(await job.result()).toEqual({ ok: false, status: "cancelled" });
  expect(causes).toEqual(["cancelled"]);
});

test("a cancel reaches a running handler at once, not at the next extension of its lease", async () => {
  const { telltale, work } = harness(redis.url);
  const started = deferred();
  work(
    [
      handle(anything, async ({ signal }) => {
        started.resolve();
        await aborted(signal);
      }),
    ],
    { leaseMs: 30_000 },
  );
  const job = await telltale.anything.submit({});
  await started.promise;

  const from = performance.now();
  await job.cancel();
  await job.result();

  expect(performance.now() - from).toBeLessThan(1_000);
});

test("a handler that returns after a cancel was requested completes its job", async () => {
  const { telltale, work } = harness(redis.url);
  const started = deferred();
  work([
    handle(anything, async ({ signal }) => {
      started.resolve();
      await aborted(signal).catch(() => {});
      return "done anyway";
    }),
  ]);
  const job = await telltale.anything.submit({});
  await started.promise;

  await job.cancel();

  expect(await job.output()).toBe("done anyway");
});

test("a worker extends the leases of running attempts, so they can run for many leases", async () => {
  const { telltale, work } = harness(redis.url);
  const enough = deferred();
  const worker = work(
    [
      handle(anything, async ({ attempt }) => {
        await enough.promise;
        return attempt;
      }),
    ],
    { leaseMs: 400 },
  );
  const from = Date.now();
  const job = await telltale.anything.submit({});

  await waitFor(() => (worker.liveness.lastExtendAt ?? 0) > from + 1_200);
  enough.resolve();

  expect(await job.output()).toBe(1);
});

test.each([
  ["a function", async () => ({ doubled: 1 })],
  ["a contract", double],
])("%s in place of a handler is rejected at once, and the error says how to create one", (_what, value) => {
  const { work } = harness(redis.url);

  // JavaScript callers have no types that forbid this.
  expect(() => work([value as never])).toThrow(
    expect.objectContaining({
      code: "invalid_config",
      message: "handlers[0] is not a handler. Make it with handle(contract, fn)",
    }),
  );
});

test("a kind without a handler is logged at start, and its jobs wait for another worker", async () => {
  const { telltale, work, logged } = harness(redis.url);
  const worker = work([handle(double, async () => ({ doubled: 1 }))]);

  const job = await telltale.anything.submit({});
  await (await telltale.double.submit({ n: 1 })).result();

  expect(worker.queues).toEqual(["double"]);
  expect(logged.filter(({ level }) => level === "warn")).toMatchObject([
    {
      data: { missing: ["anything", "brief", "loose"] },
      message: expect.stringMatching(/^kinds without a handler.*; register them/),
    },
  ]);
  expect(await telltale.$engine.find.read(job.id)).toMatchObject({ status: "queued" });
});

test("a queue that has kinds without a handler is not served, and the error names the missing kinds", async () => {
  const contract = { input: z.null(), output: z.null(), queue: "shared" };
  const [one, two] = [defineJob("one", contract), defineJob("two", contract)];
  await using telltale = createTelltale({ jobs: defineJobs(one, two, double), redis: redis.url, logger: false });
  const logged: Logged[] = [];
  const options = { telltale, logger: memoryLogger(logged) };

  await using worker = createWorker({
    ...options,
    handlers: [handle(one, async () => null), handle(double, async () => ({ doubled: 0 }))],
  });

  expect(worker.queues).toEqual(["double"]);
  expect(logged).toMatchObject([{ level: "warn", data: { queue: "shared", missing: ["two"] } }]);
  expect(() => createWorker({ ...options, handlers: [handle(one, async () => null)] })).toThrow(
    "No handlers for a complete queue. Missing: two, double. Register them.",
  );
});

test("a stopped worker has released its running jobs, claims no more, and can be stopped twice", async () => {
  const { telltale, work } = harness(redis.url);
  const started = deferred();
  const worker = work([
    handle(anything, ({ progress }) => {
      progress({ step: 3 });
      started.resolve();
      return new Promise(() => {});
    }),
  ]);
  const job = await telltale.anything.submit({});
  await started.promise;

  await Promise.all([worker.stop(), worker.stop()]);

  expect(await telltale.$engine.find.read(job.id)).toMatchObject({ status: "queued", attempt: 0 });
  await expect(worker.start()).resolves.toBeUndefined();
});

test("a stopped worker no longer listens for cancel requests, so workers can come and go in one process", async () => {
  const { telltale, work } = harness(redis.url);
  const onCancel = vi.spyOn(telltale.$engine.hub, "onCancel");
  const worker = work([handle(double, async () => ({ doubled: 0 })), handle(anything, async () => 0)]);
  await worker.start();
  const closes = onCancel.mock.results.map(({ value }) => vi.spyOn(value, "close"));

  await worker.stop();

  expect(closes).toHaveLength(2);
  for (const close of closes) expect(close).toHaveBeenCalledOnce();
});

test("a handler that returns within the grace period completes its job while the worker stops", async () => {
  const { telltale, work } = harness(redis.url);
  const started = deferred();
  const worker = work(
    [
      handle(anything, async ({ signal }) => {
        started.resolve();
        await aborted(signal).catch(() => {});
        return "in time";
      }),
    ],
    { graceMs: 10_000 },
  );
  const job = await telltale.anything.submit({});
  await started.promise;

  await worker.stop();

  expect(await telltale.$engine.find.read(job.id)).toMatchObject({ status: "completed" });
});

test("a worker with only await using works until the end of its block", async () => {
  const { telltale } = harness(redis.url);
  const job = await telltale.double.submit({ n: 4 });
  {
    const handlers = [handle(double, async ({ input }) => ({ doubled: input.n * 2 }))];
    await using worker = createWorker({ telltale, handlers, logger: false });
    expect(await job.output()).toEqual({ doubled: 8 });
    expect(worker.liveness.lastClaimAt).not.toBeNull();
  }
  const next = await telltale.double.submit({ n: 5 });

  expect(await telltale.$engine.find.read(next.id)).toMatchObject({ status: "queued" });
});

test("a worker can be stopped before it has started", async () => {
  const { work } = harness(redis.url);
  const worker = work([handle(double, async () => ({ doubled: 1 }))]);

  await worker.stop();

  await expect(worker.start()).rejects.toMatchObject({ code: "closed" });
});

test("an attempt whose lease ends because its job was completed is not reported as having lost it", async () => {
  const events: string[] = [];
  const telltale = createTelltale({
    ...{ jobs, redis: redis.url, prefix: `t${randomUUID().slice(0, 8)}`, logger: false },
    observer: ({ type }) => events.push(type),
  });
  onTestFinished(() => telltale[Symbol.asyncDispose]());
  const scripts = telltale.$engine.scripts("anything");
  const complete = scripts.complete.bind(scripts);
  const over = deferred();
  const signals: AbortSignal[] = [];
  const worker = createWorker({
    ...{ telltale, leaseMs: 1_000, graceMs: 0, logger: false },
    handlers: [
      handle(anything, async ({ input, signal }) => {
        if (input.name === "slow") return over.promise;
        signals.push(signal);
      }),
    ],
  });
  onTestFinished(() => worker.stop());
  const nextExtend = async (): Promise<void> => {
    const before = worker.liveness.lastExtendAt;
    await waitFor(() => worker.liveness.lastExtendAt !== before);
  };
  // The replies of the lease thread arrive before the reply of the call that completes the job.
  vi.spyOn(scripts, "complete").mockImplementation(async (item) => {
    await complete(item);
    for (let i = 0; i < 3; i++) await nextExtend();
  });
  const slow = await telltale.anything.submit({ name: "slow" });
  await waitFor(() => worker.liveness.running === 1);

  await (await telltale.anything.submit({ name: "quick" })).result();
  await waitFor(() => events.includes("attempt.ended"));
  over.resolve();
  await slow.result();

  expect(events).not.toContain("lease.lost");
  expect(signals.map(({ aborted: isAborted }) => isAborted)).toEqual([false]);
});
