import { hostname } from "node:os";
import { fileURLToPath } from "node:url";
import { createClock, createTcpProxy, spawnBundled, testRedis, waitFor } from "@telltale/testkit";
import { Redis } from "ioredis";
import { handle, type ObserverEvent, type WorkerInfo } from "telltale";
import { createTelltale } from "telltale/server";
import { createWorker } from "telltale/worker";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { anything, brief, double, jobs } from "./contracts.js";
import { deferred, type Harness, harness } from "./harness.js";

const SCRIPT = fileURLToPath(new URL("./fixtures/worker-process.mjs", import.meta.url));

let server: Awaited<ReturnType<typeof testRedis>>;
let redis: Redis;
beforeAll(async () => {
  server = await testRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const doubling = handle(double, async ({ input: { n } }) => ({ doubled: 2 * n }));

/** Waits until there are workers for which this holds. */
function listed({ telltale }: Harness, holds: (workers: readonly WorkerInfo[]) => boolean): Promise<WorkerInfo[]> {
  return waitFor(async () => {
    const { workers } = await telltale.$workers.list();
    return holds(workers) ? workers : null;
  });
}

/** A handler that runs until it is told to end. */
function holding() {
  const end = deferred();
  const started = deferred<string>();
  const handler = handle(anything, async ({ job }) => {
    started.resolve(job.id);
    await end.promise;
    return "ended";
  });
  return { handler, started: started.promise, end: () => end.resolve() };
}

test("a running worker is listed with its jobs, and is removed when it stops", async () => {
  const on = harness(server.url);
  const held = holding();
  const worker = on.work([held.handler, doubling], { name: "web-1", concurrency: 3 });
  const job = await on.telltale.anything.submit({});
  await held.started;
  worker.drain();

  const [told] = await listed(on, ([one]) => one?.draining === true);

  expect(told).toMatchObject({
    ...{ name: "web-1", id: worker.id, host: hostname(), pid: process.pid, concurrency: 3 },
    ...{ queues: ["anything", "double"], queueCount: 2, runningCount: 1 },
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    running: [{ id: job.id, kind: "anything", attempt: 1 }],
  });
  expect(told?.running[0]?.since).toBeGreaterThanOrEqual(told?.startedAt ?? Number.POSITIVE_INFINITY);
  held.end();
  await job.result();
  await worker.stop();
  expect(await on.telltale.$workers.list()).toMatchObject({ total: 0, workers: [] });
});

test("a worker without a name has one from its host and process, and a name of 10 KB is refused", async () => {
  const on = harness(server.url);
  const worker = on.work([doubling]);

  expect(worker.name).toMatch(new RegExp(`^[A-Za-z0-9._-]+-${process.pid}$`));
  expect(() => on.work([doubling], { name: "x".repeat(10_240) })).toThrow(
    expect.objectContaining({ code: "invalid_config" }),
  );
});

test("drained workers finish their jobs and claim no more, while others do, and so do new ones of the name", async () => {
  const on = harness(server.url);
  const held = holding();
  const [one, two] = [on.work([held.handler], { name: "web" }), on.work([held.handler], { name: "web" })];
  await listed(on, ({ length }) => length === 2);
  const job = await on.telltale.anything.submit({});
  await held.started;

  expect(await on.telltale.$workers.drain("web")).toEqual({ name: "web", asked: 2 });
  await waitFor(() => one.liveness.draining && two.liveness.draining);
  const later = await on.telltale.anything.submit({});
  held.end();

  expect(await job.output()).toBe("ended");
  expect((await listed(on, (workers) => workers.every(({ draining }) => draining))).length).toBe(2);
  expect(await on.telltale.$workers.drain("web")).toEqual({ name: "web", asked: 2 });
  expect((await later.get()).status).toBe("queued");
  on.work([handle(anything, async () => "new")], { name: "web" });
  expect(await later.output()).toBe("new");
});

test("a worker whose message was lost is drained by the reply of its beat", async () => {
  const on = harness(server.url);
  const worker = on.work([doubling], { name: "web" });
  await redis.zadd(`${on.prefix}:{workers}:drained`, Date.now(), `web ${worker.id}`);

  await waitFor(() => worker.liveness.draining, { timeoutMs: 20_000 });

  expect(worker.liveness.lastBeatAt).not.toBeNull();
});

test("a worker that is drained before it starts claims nothing", async () => {
  const on = harness(server.url);
  const job = await on.telltale.double.submit({ n: 1 });
  const worker = on.work([doubling]);
  worker.drain();
  await worker.start();

  await listed(on, ([one]) => one?.draining === true);

  expect((await job.get()).status).toBe("queued");
  expect(worker.liveness).toMatchObject({ draining: true, lastClaimAt: null });
});

test("a queue whose workers were drained has no workers after a minute, and one whose workers claim has", async () => {
  const clock = createClock();
  const { prefix } = harness(server.url);
  const rounds: string[] = [];
  const observer = (event: ObserverEvent): void => {
    if (event.type === "maintenance.ran") rounds.push(event.workerName);
  };
  await using telltale = createTelltale({
    ...{ jobs, redis: server.url, prefix, clock: clock.now, observer, logger: false },
  });
  const options = { telltale, pollMs: 20, graceMs: 0 };
  await using drained = createWorker({ ...options, name: "drained", handlers: [doubling] });
  await using _claiming = createWorker({ ...options, name: "claiming", handlers: [handle(brief, async () => 1)] });
  const roundsOf = (name: string): number => rounds.filter((one) => one === name).length;
  const pass = async (): Promise<void> => {
    const before = roundsOf("claiming");
    await waitFor(() => roundsOf("claiming") > before + 5);
  };
  // A deserted queue gets no upkeep.
  await telltale.brief.submit({}, { delay: "1h" });
  await telltale.double.submit({ n: 1 }, { delay: "1h" });
  await waitFor(() => roundsOf("drained") > 0);
  await waitFor(async () =>
    (await telltale.$queues.list()).every(
      ({ queue, hasWorkers }) => hasWorkers || !["double", "brief"].includes(queue),
    ),
  );

  drained.drain();
  await pass();
  clock.advance(61_000);
  await pass();

  const workers = Object.fromEntries(
    (await telltale.$queues.list()).map(({ queue, hasWorkers }) => [queue, hasWorkers]),
  );
  expect(workers).toMatchObject({ double: false, brief: true });
});

test("a worker whose process is killed stays listed at first, and is gone after three missed beats", async () => {
  const on = harness(server.url);
  const killed = await spawnBundled(SCRIPT, { env: { REDIS: server.url, PREFIX: on.prefix } });
  onTestFinished(() => killed.stop());
  await killed.line(/^ready/);
  const [worker] = await listed(on, ({ length }) => length === 1);

  process.kill(worker?.pid ?? 0, "SIGKILL");
  await killed.exited;

  expect((await on.telltale.$workers.list()).workers).toMatchObject([{ id: worker?.id, draining: false }]);
  const fifteenSecondsLater = createTelltale({
    ...{ jobs, redis: server.url, prefix: on.prefix, clock: () => Date.now() + 15_000, logger: false },
  });
  onTestFinished(() => fifteenSecondsLater[Symbol.asyncDispose]());
  expect(await fifteenSecondsLater.$workers.list()).toMatchObject({ total: 0, workers: [] });
});

test("a worker whose handler blocks its event loop stays listed, with the job that it blocks", async () => {
  const on = harness(server.url);
  const blocked = await spawnBundled(SCRIPT, { env: { REDIS: server.url, PREFIX: on.prefix } });
  onTestFinished(() => blocked.stop());
  await blocked.line(/^ready/);
  await listed(on, ({ length }) => length === 1);
  const job = await on.telltale.anything.submit({ name: "block 60000" });
  await blocked.line(/^started block/);
  const blockedAt = (await on.telltale.$workers.list()).at;

  const seen = async (): Promise<WorkerInfo | null> => {
    const [worker] = (await on.telltale.$workers.list()).workers;
    // Its own last beat may have been on its way when the handler began to block.
    return worker && worker.lastSeenAt > blockedAt + 1_000 ? worker : null;
  };

  expect(await waitFor(seen, { timeoutMs: 20_000 })).toMatchObject({
    ...{ draining: false, runningCount: 1 },
    running: [{ id: job.id, kind: "anything", attempt: 1, since: expect.any(Number) }],
  });
  process.kill(blocked.pid, "SIGKILL");
  await blocked.exited;
});

test("a worker that cannot be registered runs jobs all the same, says so once, and is registered later", async () => {
  const on = harness(server.url);
  const key = `${on.prefix}:{workers}:seen`;
  await redis.set(key, "something else");

  const worker = on.work([doubling]);
  for (let n = 0; n < 3; n++)
    expect(await (await on.telltale.double.submit({ n })).output()).toEqual({ doubled: 2 * n });
  const said = await waitFor(() => {
    const lines = on.logged.filter(({ message }) => message === "the worker could not be registered; trying again");
    return lines.length > 0 ? lines : null;
  });

  expect(said).toHaveLength(1);
  expect(worker.liveness.lastBeatAt).toBeNull();
  await redis.del(key);
  await listed(on, ([one]) => one?.id === worker.id);
});

test("a worker that was cut off from Redis is listed again when it is back, and stops promptly without Redis", async () => {
  await using proxy = await createTcpProxy({ target: { path: server.socketPath } });
  const near = harness(server.url);
  const far = harness(proxy.url, near.prefix);
  const worker = far.work([doubling]);
  await listed(near, ([one]) => one?.id === worker.id);

  proxy.refuse();
  proxy.cutAll();
  await near.telltale.$engine.workers.leave(`${worker.name} ${worker.id}`);
  proxy.pass();

  await waitFor(async () => (await near.telltale.$workers.list()).total === 1, { timeoutMs: 20_000 });
  expect(await (await near.telltale.double.submit({ n: 4 })).output()).toEqual({ doubled: 8 });
  proxy.refuse();
  proxy.cutAll();
  await worker.stop();
});

test("a worker on a full Redis is listed, and can be drained", async () => {
  const full = await testRedis({ config: { maxmemory: "8mb" } });
  onTestFinished(() => full.stop());
  const admin = new Redis(full.url);
  onTestFinished(() => admin.disconnect());
  const filled = async (n: number): Promise<boolean> =>
    admin.set(`filler:${n}`, "x".repeat(100_000)).then(
      () => false,
      () => true,
    );
  for (let n = 0; !(await filled(n)); n++);
  const on = harness(full.url);

  const worker = on.work([doubling], { name: "web" });

  await listed(on, ([one]) => one?.id === worker.id);
  expect(await on.telltale.$workers.drain("web")).toEqual({ name: "web", asked: 1 });
  await waitFor(() => worker.liveness.draining);
});

test("the name is in observer events and log lines, beside the id", async () => {
  const on = harness(server.url);
  const events: ObserverEvent[] = [];
  const worker = on.work([doubling], { name: "web", observer: (event) => void events.push(event) });
  await (await on.telltale.double.submit({ n: 1 })).output();
  await waitFor(() => events.some(({ type }) => type === "maintenance.ran"));
  await worker.stop();

  const by = { worker: worker.id, workerName: "web" };
  for (const type of ["job.claimed", "attempt.started", "attempt.ended", "job.ended", "maintenance.ran"])
    expect(events.find((event) => event.type === type)).toMatchObject(by);
  for (const message of ["worker started", "worker draining", "worker stopped"])
    expect(on.logged.find((line) => line.message === message)?.data).toMatchObject(by);
});
