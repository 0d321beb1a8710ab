import { randomUUID } from "node:crypto";
import { testRedis, waitFor } from "@telltale/testkit";
import { defineJob, defineJobs, type Handler, handle, type Jobs } from "telltale";
import { createTelltale, type Telltale } from "telltale/server";
import { createWorker, type Worker, type WorkerOptions } from "telltale/worker";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { UnhandledQueues } from "../../src/queue/unhandled-queues.js";
import { type Logged, memoryLogger } from "./harness.js";

const contract = { input: z.object({ n: z.int() }), output: z.unknown() };
const mailInOld = defineJob("mail", { ...contract, queue: "old" });
const mailInNew = defineJob("mail", { ...contract, queue: "new", formerQueues: ["old"] });
const other = defineJob("other", { ...contract, queue: "old" });

let redis: Awaited<ReturnType<typeof testRedis>>;
beforeAll(async () => {
  redis = await testRedis();
});
afterAll(() => redis.stop());

let prefix: string;
let logged: Logged[];
beforeEach(() => {
  prefix = `t${randomUUID().slice(0, 8)}`;
  logged = [];
});

function deployed<T extends Jobs>(jobs: T): Telltale<T> {
  const telltale = createTelltale({ jobs, redis: redis.url, prefix, logger: false });
  onTestFinished(() => telltale[Symbol.asyncDispose]());
  return telltale;
}

function work(telltale: WorkerOptions["telltale"], handlers: readonly Handler[]): Worker {
  const logger = memoryLogger(logged);
  const worker = createWorker({ telltale, handlers, leaseMs: 3_000, pollMs: 20, graceMs: 0, logger });
  onTestFinished(() => worker.stop());
  return worker;
}

const mailHandler = handle(mailInNew, async ({ input }) => input.n);
const otherHandler = handle(other, async ({ input }) => input.n);

test("the workers of a kind that moved also run the jobs in its former queue", async () => {
  const old = await deployed(defineJobs(mailInOld)).mail.submit({ n: 1 });
  const later = await deployed(defineJobs(mailInOld)).mail.submit({ n: 2 }, { delay: 300 });
  const now = deployed(defineJobs(mailInNew));
  const worker = work(now, [mailHandler]);

  expect(worker.queues).toEqual(["new", "old"]);
  expect(await old.output()).toBe(1);
  expect(await later.output()).toBe(2);
  expect(await (await now.mail.submit({ n: 3 })).output()).toBe(3);
  expect(await now.mail.job(old.id).get()).toMatchObject({ status: "completed", attempt: 1 });
});

test("workers with handlers for both kinds empty a former queue that another kind still uses", async () => {
  const old = await deployed(defineJobs(mailInOld)).mail.submit({ n: 1 });
  const now = deployed(defineJobs(mailInNew, other));
  const others = await now.other.submit({ n: 2 });
  const worker = work(now, [mailHandler, otherHandler]);

  expect(worker.queues.toSorted()).toEqual(["new", "old"]);
  expect(await old.output()).toBe(1);
  expect(await others.output()).toBe(2);
});

test("a worker with only the moved kind does not serve a former queue that another kind still uses, and logs that", async () => {
  const now = deployed(defineJobs(mailInNew, other));
  const others = await now.other.submit({ n: 2 });
  const worker = work(now, [mailHandler]);

  expect(worker.queues).toEqual(["new"]);
  expect(logged).toContainEqual({
    level: "warn",
    message: expect.stringContaining("queue is not worked on: some of its kinds have no handler here"),
    data: { queue: "old", missing: ["other"] },
  });
  expect(await (await now.mail.submit({ n: 3 })).output()).toBe(3);
  expect(await others.get()).toMatchObject({ status: "queued", seq: 1 });
});

test("if all kinds of a queue have moved, a worker for one of them serves it and delays the jobs of the others", async () => {
  const laterInOld = defineJob("later", { ...contract, queue: "old" });
  const laterInNew = defineJob("later", { ...contract, formerQueues: ["old"] });
  const before = deployed(defineJobs(mailInOld, laterInOld));
  const mail = await before.mail.submit({ n: 1 });
  const now = deployed(defineJobs(mailInNew, laterInNew));

  const worker = work(now, [mailHandler]);

  expect(worker.queues.toSorted()).toEqual(["new", "old"]);
  expect(await mail.output()).toBe(1);
  const later = await before.later.submit({ n: 2 });
  await waitFor(async () => (await later.get()).status === "scheduled");
  expect(await later.get()).toMatchObject({ attempt: 0, errors: [] });
});

test("a starting worker reports a queue with jobs that no worker handles", async () => {
  await deployed(defineJobs(mailInOld)).mail.submit({ n: 1 });
  const moved = defineJob("mail", { ...contract, queue: "new" });
  const told: Logged[] = [];
  const now = createTelltale({
    jobs: defineJobs(moved),
    redis: redis.url,
    prefix,
    logger: memoryLogger(told),
  });
  onTestFinished(() => now[Symbol.asyncDispose]());
  const worker = work(now, [handle(moved, async () => 0)]);
  await worker.start();

  expect(told).toContainEqual(
    expect.objectContaining({ level: "warn", data: expect.objectContaining({ queue: "old", queued: 1 }) }),
  );
});

test("a queue whose last worker stops in a deploy is reported once it has none for a minute", async () => {
  const old = deployed(defineJobs(mailInOld));
  await old.mail.submit({ n: 1 });
  const told: Logged[] = [];
  let hasWorkers = true;
  const unhandled = new UnhandledQueues({
    find: async () => (await old.$engine.find.stats()).map((stats) => ({ ...stats, hasWorkers })),
    logger: memoryLogger(told),
    againMs: 1,
  });
  onTestFinished(() => unhandled.close());
  await unhandled.report();
  expect(told).toEqual([]);

  hasWorkers = false;

  await waitFor(async () => told.length > 0);
  expect(told).toMatchObject([{ level: "warn", data: { queue: "old", queued: 1 } }]);
});
