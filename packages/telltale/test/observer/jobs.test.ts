import { randomUUID } from "node:crypto";
import { createTcpProxy, testRedis, waitFor } from "@telltale/testkit";
import { defineJob, defineJobs, fixed, handle } from "telltale";
import { createTelltale, type EngineOptions } from "telltale/server";
import { createWorker, type WorkerOptions } from "telltale/worker";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { aborted, deferred, tellRedis } from "../worker/harness.js";
import { type Recorder, recorder } from "./recorder.js";

let redis: Awaited<ReturnType<typeof testRedis>>;
beforeAll(async () => {
  redis = await testRedis();
});
afterAll(() => redis.stop());

const CANARY = "canary-5ecret";
const mail = defineJob("mail", {
  input: z.object({ to: z.string() }),
  progress: z.object({ step: z.string() }),
  output: z.object({ sent: z.string() }),
  errors: { bounced: z.object({ why: z.string() }) },
  retry: { attempts: 2, backoff: fixed(100) },
});
const jobs = defineJobs(mail);
const ms = expect.any(Number);

type Run = NonNullable<typeof mail.$handler>;

interface Setup {
  readonly told: Recorder;
  readonly telltale: ReturnType<typeof createTelltale<typeof jobs>>;
  work(run: Run, options?: Partial<WorkerOptions>): ReturnType<typeof createWorker>;
}

function setup(options: Omit<Partial<EngineOptions>, "jobs"> = {}): Setup {
  const told = recorder();
  const prefix = `t${randomUUID().slice(0, 8)}`;
  const telltale = createTelltale({
    jobs,
    redis: redis.url,
    prefix,
    logger: false,
    observer: told.observer,
    ...options,
  });
  onTestFinished(() => telltale[Symbol.asyncDispose]());
  return {
    told,
    telltale,
    work: (run, workerOptions = {}) => {
      const handler = handle(mail, run);
      const worker = createWorker({
        telltale,
        handlers: [handler],
        pollMs: 50,
        graceMs: 0,
        leaseMs: 3_000,
        ...workerOptions,
      });
      onTestFinished(() => worker.stop());
      return worker;
    },
  };
}

/** The events of one job, without those of scripts and without durations. */
function storyOf({ told }: Setup, id: string): object[] {
  return told.events.filter((event) => "id" in event && event.id === id);
}

test("a job is observed from its submit to its end, with owner, kind and duration, and without its payload", async () => {
  const on = setup();
  const worker = on.work(async ({ progress }) => {
    progress({ step: CANARY });
    await on.told.first("attempt.progressed");
    return { sent: CANARY };
  });

  const job = await on.telltale.mail.submit({ to: CANARY });
  await job.result();
  await on.told.first("job.ended");

  const which = { kind: "mail", queue: "mail", id: job.id };
  const attempt = { ...which, attempt: 1, worker: worker.id, workerName: worker.name };
  const told = storyOf(on, job.id);
  expect(told).toEqual(
    expect.arrayContaining([
      { type: "job.submitted", ...which, status: "queued", created: true },
      { type: "job.claimed", ...attempt, round: 1, ageMs: ms },
      { type: "attempt.started", ...attempt },
      { type: "attempt.progressed", ...attempt },
      {
        ...{ type: "attempt.ended", ...attempt, outcome: "completed", code: null, final: true },
        ...{ handlerMs: ms, durationMs: ms, retryInMs: null },
      },
      { type: "job.ended", ...attempt, status: "completed", code: null, reason: null, ageMs: ms },
    ]),
  );
  expect(told).toHaveLength(6);
  const [claimed] = on.told.of("job.claimed");
  const [ended] = on.told.of("attempt.ended");
  const [end] = on.told.of("job.ended");
  expect(ended?.durationMs).toBeGreaterThanOrEqual(ended?.handlerMs ?? Number.POSITIVE_INFINITY);
  expect(end?.ageMs).toBeGreaterThan(claimed?.ageMs ?? Number.POSITIVE_INFINITY);
  expect(claimed?.ageMs).toBeLessThan(5_000);
  expect(JSON.stringify(on.told.events)).not.toContain("canary");
});

test("a submit that found an existing job is observed as such", async () => {
  const on = setup();

  await on.telltale.mail.submit({ to: "a" }, { idempotencyKey: "k" });
  const { id } = await on.telltale.mail.submit({ to: "a" }, { idempotencyKey: "k" });

  expect(on.told.of("job.submitted")).toMatchObject([
    { id, created: true },
    { id, created: false },
  ]);
});

test("failed attempts are observed with their codes and whether they were the last", async () => {
  const on = setup();
  on.work(async ({ attempt, fail, input }) => {
    if (attempt === 1) throw new Error(CANARY);
    throw fail("bounced", { why: input.to });
  });

  const job = await on.telltale.mail.submit({ to: CANARY });
  await job.result();
  await on.told.first("job.ended");

  expect(on.told.of("attempt.ended")).toMatchObject([
    { attempt: 1, outcome: "retrying", code: "handler_error", final: false, retryInMs: ms },
    { attempt: 2, outcome: "failed", code: "bounced", final: true, retryInMs: null },
  ]);
  expect(on.told.of("job.ended")).toMatchObject([{ id: job.id, attempt: 2, status: "failed", code: "bounced" }]);
  expect(JSON.stringify(on.told.events)).not.toContain("canary");
});

test("a cancel ends a waiting job at once, and a running job through its worker", async () => {
  const on = setup();
  const waiting = await on.telltale.mail.submit({ to: "a" }, { delay: "1h" });
  await waiting.cancel();
  await waiting.cancel();
  const worker = on.work(({ signal }) => aborted(signal));

  const running = await on.telltale.mail.submit({ to: "b" });
  await on.told.first("attempt.started");
  await running.cancel();
  await on.told.first("job.ended", ({ id }) => id === running.id);

  const nobody = { attempt: null, ageMs: null, worker: null, workerName: null };
  expect(on.told.of("job.ended")).toMatchObject([
    { id: waiting.id, kind: "mail", queue: "mail", status: "cancelled", code: null, reason: null, ...nobody },
    { id: running.id, status: "cancelled", code: null, reason: null, attempt: 1, worker: worker.id },
  ]);
  expect(on.told.of("attempt.ended")).toMatchObject([{ outcome: "cancelled", code: null, final: true }]);
});

test("a stopping worker reports the jobs that it released", async () => {
  const on = setup();
  const worker = on.work(() => new Promise(() => {}));
  const job = await on.telltale.mail.submit({ to: "a" });
  await on.told.first("attempt.started");

  await worker.stop();

  expect(on.told.of("attempt.ended")).toMatchObject([{ id: job.id, outcome: "released", code: null, final: false }]);
  expect(on.told.of("job.ended")).toEqual([]);
});

test("a lost lease is observed once, and its attempt ends with it", async () => {
  const on = setup();
  const fences = deferred<number>();
  on.work(
    ({ signal, fence }) => {
      fences.resolve(fence);
      return aborted(signal);
    },
    { leaseMs: 600 },
  );
  const { id } = await on.telltale.mail.submit({ to: "a" });
  const fence = await fences.promise;
  await on.telltale.$queues.pause("mail");

  await on.telltale.$engine.scripts("mail").release([{ id, fence }]);

  const lost = await on.told.first("lease.lost");
  expect(lost).toEqual({
    ...{ type: "lease.lost", kind: "mail", queue: "mail", id, attempt: 1 },
    ...{ worker: expect.any(String), workerName: expect.any(String) },
  });
  await on.told.first("attempt.ended");
  expect(on.told.of("lease.lost")).toHaveLength(1);
  expect(on.told.of("attempt.ended")).toMatchObject([{ id, outcome: "lease_lost", final: false }]);
});

test("an attempt whose outcome could not be sent to Redis is observed as unsettled", async () => {
  await using proxy = await createTcpProxy({ target: { path: redis.socketPath } });
  const on = setup({ redis: proxy.url });
  const started = deferred();
  const go = deferred();
  on.work(
    async () => {
      started.resolve();
      await go.promise;
      return { sent: "a" };
    },
    { leaseMs: 300 },
  );
  await on.telltale.mail.submit({ to: "a" });
  await started.promise;
  proxy.refuse();
  proxy.cutAll();

  go.resolve();

  expect(await on.told.first("attempt.ended", undefined, { timeoutMs: 10_000 })).toMatchObject({
    outcome: "unsettled",
    final: false,
  });
});

test("jobs that maintenance ends are observed by the worker that found them lost, late or damaged", async () => {
  const on = setup();
  const scripts = on.telltale.$engine.scripts("mail");
  const lost = await on.telltale.mail.submit({ to: "a" });
  for (let attempt = 1; attempt <= 2; attempt++) {
    await waitFor(async () => {
      await scripts.promote();
      return (await scripts.claim({ loop: "l", request: randomUUID(), room: 1, leaseMs: 1 })).jobs.length > 0;
    });
    if (attempt === 1) await waitFor(async () => (await scripts.reclaim(1_000)).reclaimed === 1);
  }
  const late = await on.telltale.mail.submit({ to: "b" }, { startWithin: "1s" });
  const isLate = async () =>
    (await scripts.stats()).at > ((await on.telltale.$engine.find.read(late.id))?.createdAt ?? 0) + 1_000;
  await waitFor(isLate);
  const damaged = await on.telltale.mail.submit({ to: "c" });
  const { prefix } = on.telltale.$engine;
  await tellRedis(redis.socketPath, `HSET ${prefix}:{mail}:job:${damaged.id} job damaged`);
  const worker = on.work(async () => ({ sent: "" }));

  const ends = await waitFor(() => (on.told.of("job.ended").length >= 3 ? on.told.of("job.ended") : null));

  const here = { worker: worker.id, workerName: worker.name, attempt: null, ageMs: null };
  expect(ends.find(({ id }) => id === lost.id)).toMatchObject({ status: "failed", code: "worker_lost", ...here });
  expect(ends.find(({ id }) => id === late.id)).toMatchObject({
    ...{ status: "cancelled", code: null, reason: "not_started_in_time", worker: worker.id },
  });
  expect(ends.find(({ id }) => id === damaged.id)).toMatchObject({ status: "failed", code: "corrupt", ...here });
  const sums = (name: "reclaimed" | "expired" | "condemned") =>
    on.told.of("maintenance.ran").reduce((sum, ran) => sum + ran[name], 0);
  await waitFor(() => sums("condemned") === 1 && sums("reclaimed") === 1);
});

test("maintenance is observed with its results and its errors", async () => {
  await using proxy = await createTcpProxy({ target: { path: redis.socketPath } });
  const on = setup({ redis: proxy.url });
  const worker = on.work(async () => ({ sent: "" }));
  await on.telltale.mail.submit({ to: "a" }, { delay: "50ms" });
  const nothing = { promoted: 0, reclaimed: 0, expired: 0, condemned: 0, setAside: 0, pruned: 0 };

  expect(await on.told.first("maintenance.ran")).toEqual({
    ...{
      type: "maintenance.ran",
      queue: "mail",
      worker: worker.id,
      workerName: worker.name,
      durationMs: ms,
      ...nothing,
      code: null,
    },
    promoted: ms,
  });
  proxy.refuse();
  proxy.cutAll();

  const broken = await on.told.first("maintenance.ran", ({ code }) => code !== null, { timeoutMs: 10_000 });
  expect(["redis_unavailable", "outcome_unknown"]).toContain(broken.code);
});

test("a schedule that fires is observed with the job that it created", async () => {
  const on = setup();
  on.work(async () => ({ sent: "" }));

  await on.telltale.$schedules.set("often", { job: mail, input: { to: CANARY }, every: "1s" });

  const fired = await on.told.first("schedule.fired");
  expect(fired).toEqual({
    type: "schedule.fired",
    kind: "mail",
    queue: "mail",
    id: expect.any(String),
    schedule: "often",
    lateMs: ms,
  });
  expect(fired.lateMs).toBeGreaterThanOrEqual(0);
  await on.told.first("job.ended", ({ id }) => id === fired.id);
});

test("scripts are observed with their durations, including those of the lease thread", async () => {
  const on = setup();
  const extended = deferred();
  on.work(
    async () => {
      await extended.promise;
      return { sent: "" };
    },
    { leaseMs: 600 },
  );
  const job = await on.telltale.mail.submit({ to: "a" });

  expect(await on.told.first("script.called", ({ script }) => script === "extend")).toEqual({
    ...{ type: "script.called", script: "extend", queue: "mail", durationMs: ms, code: null },
  });
  expect(await on.told.first("script.called", ({ script }) => script === "beat")).toMatchObject({ queue: null });
  extended.resolve();
  await job.result();

  const called = new Set(on.told.of("script.called").map(({ script }) => script));
  expect([...called]).toEqual(expect.arrayContaining(["open", "submit", "claim", "complete", "read"]));
  expect(on.told.of("script.called").every(({ durationMs }) => durationMs > 0 && durationMs < 5_000)).toBe(true);
});

test("a script that Redis refuses is observed with the reason", async () => {
  await using full = await testRedis({ config: { maxmemory: "1" } });
  const on = setup({ redis: full.url });

  await expect(on.telltale.mail.submit({ to: "a" })).rejects.toMatchObject({ code: "redis_full" });

  expect(on.told.of("script.called")).toMatchObject([{ script: "submit", code: "redis_full" }]);
  expect(on.told.of("job.submitted")).toEqual([]);
});

test("a lost connection is observed once, and again when it is restored", async () => {
  await using proxy = await createTcpProxy({ target: { path: redis.socketPath } });
  const on = setup({ redis: proxy.url });
  const worker = on.work(async () => ({ sent: "" }));
  await worker.start();
  await waitFor(() => worker.liveness.lastClaimAt);
  await waitFor(() => proxy.connections >= 3);
  expect(on.told.of("connection.lost")).toEqual([]);
  proxy.refuse();
  proxy.cutAll();
  await waitFor(() => on.told.of("connection.lost").length >= 3);

  proxy.pass();

  const names = ["commands", "doorbell", "subscriber"];
  await waitFor(() => on.told.of("connection.restored").length >= 3, { timeoutMs: 10_000 });
  expect(
    on.told
      .of("connection.lost")
      .map(({ connection }) => connection)
      .sort(),
  ).toEqual(names);
  expect(
    on.told
      .of("connection.restored")
      .map(({ connection }) => connection)
      .sort(),
  ).toEqual(names);
  expect(on.told.of("connection.restored")[0]).toEqual({
    type: "connection.restored",
    connection: expect.any(String),
    downMs: ms,
  });
});

test("a connection that cannot be opened is observed once as lost", async () => {
  const on = setup({ redis: "redis://127.0.0.1:1" });

  await expect(on.telltale.$ready()).rejects.toMatchObject({ code: "redis_unavailable" });

  expect(on.told.of("connection.lost")).toEqual([{ type: "connection.lost", connection: "commands" }]);
});

test("connections that are closed on purpose are not observed as lost", async () => {
  await using proxy = await createTcpProxy({ target: { path: redis.socketPath } });
  const on = setup({ redis: proxy.url });
  const worker = on.work(async () => ({ sent: "" }));
  await worker.start();
  await waitFor(() => worker.liveness.lastClaimAt);

  await worker.stop();
  await on.telltale[Symbol.asyncDispose]();
  await waitFor(() => proxy.connections === 0);

  expect(on.told.of("connection.lost")).toEqual([]);
});

test("a watcher that missed changes is observed as repaired, and one that missed none is not", async () => {
  await using proxy = await createTcpProxy({ target: { path: redis.socketPath } });
  const on = setup({ redis: proxy.url });
  const direct = createTelltale({ jobs, redis: redis.url, prefix: on.telltale.$engine.prefix, logger: false });
  onTestFinished(() => direct[Symbol.asyncDispose]());
  const job = await on.telltale.mail.submit({ to: "a" }, { delay: "1h" });
  const seen: string[] = [];
  const watching = (async () => {
    for await (const { status } of job.watch()) seen.push(status);
  })();
  await waitFor(() => seen.length === 1);
  proxy.blackhole("down");

  await direct.mail.job(job.id).cancel();
  proxy.cutAll();
  proxy.pass();
  await watching;

  expect(seen).toEqual(["scheduled", "cancelled"]);
  expect(on.told.of("watch.repaired")).toEqual([
    { type: "watch.repaired", kind: "mail", queue: "mail", id: job.id, cause: "reconnect", updates: 1 },
  ]);
});
