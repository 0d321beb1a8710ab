import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { createClock, type SpawnedProcess, spawnBundled, testRedis, waitFor } from "@telltale/testkit";
import { defineJob, defineJobs, fixed, type Handler, handle, type Jobs } from "telltale";
import { createTelltale, type Telltale } from "telltale/server";
import { createWorker, type Worker, type WorkerOptions } from "telltale/worker";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { type Logged, memoryLogger, tellRedis } from "./harness.js";

const PROCESS = fileURLToPath(new URL("./fixtures/versioned-worker.mjs", import.meta.url));
const DELAY_MS = 30_000;

type Served = WorkerOptions["telltale"];

/** Three versions of one kind, as in three deployments of an application. */
const shared = { output: z.unknown(), retry: { attempts: 1 } };
const crop1 = defineJob("crop", { ...shared, input: z.object({ width: z.int() }) });
const toSize = ({ width }: { width: number }) => ({ size: { width, height: width } });
const Size = z.object({ width: z.int(), height: z.int() });
const crop2 = defineJob("crop", { ...shared, input: z.object({ size: Size }), version: 2, upgrade: { 1: toSize } });
const crop3 = defineJob("crop", {
  ...shared,
  input: z.object({ sizes: z.array(Size), unit: z.string().default("px") }),
  version: 3,
  upgrade: { 1: toSize, 2: async ({ size }: { size: object }) => ({ sizes: [size] }) },
});

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

function deployed<T extends Jobs>(jobs: T, clock?: () => number): Telltale<T> {
  const telltale = createTelltale({ jobs, redis: redis.url, prefix, logger: false, ...(clock ? { clock } : {}) });
  onTestFinished(() => telltale[Symbol.asyncDispose]());
  return telltale;
}

function work(telltale: Served, handlers: readonly Handler[]): Worker {
  const logger = memoryLogger(logged);
  const worker = createWorker({ telltale, handlers, leaseMs: 3_000, pollMs: 20, graceMs: 0, logger });
  onTestFinished(() => worker.stop());
  return worker;
}

test("an old job is upgraded to the newest version step by step, and then parsed like any other", async () => {
  const { id } = await deployed(defineJobs(crop1)).crop.submit({ width: 3 });
  const { id: second } = await deployed(defineJobs(crop2)).crop.submit({ size: { width: 1, height: 2 } });
  const newest = deployed(defineJobs(crop3));
  const third = await newest.crop.submit({ sizes: [], unit: "em" });
  work(newest, [handle(crop3, async ({ input }) => input)]);

  expect(await newest.crop.job(id).output()).toEqual({ sizes: [{ width: 3, height: 3 }], unit: "px" });
  expect(await newest.crop.job(second).output()).toEqual({ sizes: [{ width: 1, height: 2 }], unit: "px" });
  expect(await third.output()).toEqual({ sizes: [], unit: "em" });
});

test("an upgrade gets a Date, a Map and a big integer as they were submitted", async () => {
  const older = defineJob("crop", { ...shared, input: z.unknown() });
  const input = { at: new Date(5), sizes: new Map([["a", 9_007_199_254_740_993n]]), none: undefined };
  const { id } = await deployed(defineJobs(older)).crop.submit(input);
  const upgrade = { 1: (old: unknown) => ({ old }) };
  const newer = defineJob("crop", { ...shared, input: z.unknown(), version: 2, upgrade });
  const telltale = deployed(defineJobs(newer));
  work(telltale, [handle(newer, async ({ input }) => input)]);

  expect(await telltale.crop.job(id).output()).toStrictEqual({ old: input });
});

const broken: readonly [string, (old: never) => unknown, RegExp][] = [
  ["throws", () => fault("no such width"), /from version 1 failed(.|\n)*caused by Error: no such width/],
  ["throws undefined", () => fault(undefined), /The upgrade of crop from version 1 failed/],
  ["throws a proxy whose traps throw", () => fault(new Proxy(new Error(), { get: fault })), /cannot be looked at/],
  ["rejects", () => Promise.reject(new Error("later")), /caused by Error: later/],
  ["returns a value that does not match the schema", () => ({ width: 3 }), /The input does not fit its contract/],
  ["returns undefined", () => undefined, /The input does not fit its contract/],
];

test.each(broken)(
  "an upgrade that %s ends the job as invalid_input, once, and operators can read the reason",
  async (_, step, why) => {
    const { id } = await deployed(defineJobs(crop1)).crop.submit({ width: 3 });
    const retry = { attempts: 3 };
    const newer = defineJob("crop", { ...shared, retry, input: crop2.input, version: 2, upgrade: { 1: step } });
    const telltale = deployed(defineJobs(newer));
    let runs = 0;
    work(telltale, [
      handle(newer, async () => {
        runs += 1;
      }),
    ]);

    const result = await telltale.crop.job(id).result();

    expect(result).toMatchObject({ error: { code: "invalid_input", message: expect.stringMatching(why) } });
    expect(runs).toBe(0);
  },
);

function fault(thrown: unknown): never {
  throw thrown instanceof Error ? thrown : typeof thrown === "string" ? new Error(thrown) : undefined;
}

test("a job with a version whose upgrade was removed ends as invalid_input, and the error names the missing upgrade", async () => {
  const { id } = await deployed(defineJobs(crop1)).crop.submit({ width: 3 });
  const newer = defineJob("crop", { ...shared, input: z.unknown(), version: 3, upgrade: { 2: (old: unknown) => old } });
  const telltale = deployed(defineJobs(newer));
  work(telltale, [handle(newer, async () => "ran")]);

  expect(await telltale.crop.job(id).result()).toMatchObject({
    error: { code: "invalid_input", message: expect.stringContaining("There is no upgrade of crop from version 1") },
  });
});

test("after a failed upgrade was fixed, a rerun starts from the version with which the job was stored", async () => {
  const { id } = await deployed(defineJobs(crop1)).crop.submit({ width: 3 });
  const broken = defineJob("crop", { ...shared, input: crop2.input, version: 2, upgrade: { 1: () => null } });
  const first = deployed(defineJobs(broken));
  const worker = work(first, [handle(broken, async () => "ran")]);
  expect((await first.crop.job(id).result()).ok).toBe(false);
  await worker.stop();

  const mended = deployed(defineJobs(crop2));
  work(mended, [handle(crop2, async ({ input }) => input)]);
  await mended.$engine.rerun(id);

  expect(await mended.crop.job(id).output()).toEqual({ size: { width: 3, height: 3 } });
});

test("a job that is newer than the worker is delayed by 30 s without using an attempt, and the jobs behind it run", async () => {
  const clock = createClock();
  const newer = deployed(defineJobs(crop2), clock.now);
  const tooNew = await Promise.all([1, 2, 3].map((width) => newer.crop.submit({ size: { width, height: 1 } })));
  const older = deployed(defineJobs(crop1), clock.now);
  const known = await Promise.all([4, 5, 6].map((width) => older.crop.submit({ width })));
  const ran: number[] = [];
  work(older, [
    handle(crop1, async ({ input }) => {
      ran.push(input.width);
    }),
  ]);

  await Promise.all(known.map((job) => job.result()));
  await waitFor(async () => (await statuses(newer, tooNew)).every((status) => status === "scheduled"));
  // Queued behind all of them. When it has ended, the worker has claimed again.
  await (await older.crop.submit({ width: 7 })).result();

  expect(ran.toSorted()).toEqual([4, 5, 6, 7]);
  for (const { id } of tooNew) {
    expect(await newer.$engine.find.read(id)).toMatchObject({ status: "scheduled", attempt: 0, seq: 3 });
  }
  expect(await older.$engine.scripts("crop").promote()).toEqual({ promoted: 0, nextDueInMs: DELAY_MS });
  const told = logged.filter(({ message }) => message.includes("newer version"));
  expect(told).toMatchObject([{ level: "warn", data: { kind: "crop", version: 2, known: 1 } }]);
});

test("a job of a kind that an older worker does not know is released without using its only attempt", async () => {
  const clock = createClock();
  const rotate = defineJob("rotate", { ...shared, input: z.object({}), queue: "images" });
  const inImages = defineJob("crop", { ...shared, input: z.object({ width: z.int() }), queue: "images" });
  const newer = deployed(defineJobs(inImages, rotate), clock.now);
  work(deployed(defineJobs(inImages), clock.now), [handle(inImages, async () => "old")]);

  const jobs = await Promise.all([1, 2].map(() => newer.rotate.submit({})));
  const known = await newer.crop.submit({ width: 1 });

  expect(await known.output()).toBe("old");
  await waitFor(async () => {
    const records = await Promise.all(jobs.map(({ id }) => newer.$engine.find.read(id)));
    return records.every((record) => record?.status === "scheduled" && record.attempt === 0);
  });
  const told = logged.filter(({ message }) => message.includes("kind without a handler here are returned"));
  expect(told).toMatchObject([{ level: "warn", data: { kind: "rotate" } }]);

  work(newer, [handle(inImages, async () => "new"), handle(rotate, async ({ attempt }) => attempt)]);
  clock.advance(DELAY_MS);
  // The older worker may claim it again.
  await waitFor(async () => {
    const records = await Promise.all(jobs.map(({ id }) => newer.$engine.find.read(id)));
    if (records.some((record) => record?.status === "scheduled")) clock.advance(DELAY_MS);
    return records.every((record) => record?.status === "completed");
  });
  expect(await Promise.all(jobs.map((job) => job.output()))).toEqual([1, 1]);
});

test("a job that is too new for one worker runs on a newer one when it is due, even if the older one claims it first", async () => {
  const clock = createClock();
  const newer = deployed(defineJobs(crop2), clock.now);
  const older = deployed(defineJobs(crop1), clock.now);
  const ran = { older: 0, newer: 0 };
  work(older, [
    handle(crop1, async () => {
      ran.older += 1;
    }),
  ]);
  const tooNew = await Promise.all([1, 2, 3].map((width) => newer.crop.submit({ size: { width, height: 1 } })));
  await waitFor(async () => (await statuses(newer, tooNew)).every((status) => status === "scheduled"));
  clock.advance(DELAY_MS);
  await waitFor(async () => (await newer.$engine.scripts("crop").promote()).nextDueInMs === DELAY_MS);

  work(newer, [
    handle(crop2, async ({ attempt }) => {
      ran.newer += 1;
      return attempt;
    }),
  ]);
  await waitFor(async () => {
    const all = await statuses(newer, tooNew);
    if (all.includes("scheduled")) clock.advance(DELAY_MS);
    return all.every((status) => status === "completed");
  });

  expect(await Promise.all(tooNew.map((job) => job.output()))).toEqual([1, 1, 1]);
  expect(ran).toEqual({ older: 0, newer: 3 });
});

test("timeout, backoff and schemas come from the worker that runs a job, attempts from the submit", async () => {
  const spec = { input: z.unknown(), output: z.unknown() };
  const submitted = defineJob("crop", { ...spec, retry: { attempts: 2, backoff: fixed("1h") }, timeout: "1h" });
  const run = defineJob("crop", {
    input: z.object({ width: z.int(), height: z.int().default(9) }),
    output: z.object({ height: z.int() }),
    retry: { attempts: 9, backoff: fixed("100ms") },
    timeout: "200ms",
  });
  const slow = await deployed(defineJobs(submitted)).crop.submit({ width: 1 });
  const quick = await deployed(defineJobs(submitted)).crop.submit({ width: 2 });
  const attempts: number[] = [];
  work(deployed(defineJobs(run)), [
    handle(run, ({ input, attempt }) => {
      if (input.width === 2) return Promise.resolve(input);
      attempts.push(attempt);
      return new Promise(() => {});
    }),
  ]);

  expect(await slow.result()).toMatchObject({ ok: false, error: { code: "timeout" } });
  expect(attempts).toEqual([1, 2]);
  expect(await quick.output()).toEqual({ height: 9 });
});

test("a finished job is kept as long as the worker's contract says", async () => {
  const clock = createClock();
  const keepFor = (age: "2m" | "1h") =>
    defineJob("crop", { ...shared, input: z.unknown(), retention: { completed: { age } } });
  const [long, short] = [keepFor("1h"), keepFor("2m")];
  const submitter = deployed(defineJobs(long), clock.now);
  const job = await submitter.crop.submit({ width: 1 });
  const worker = work(deployed(defineJobs(short), clock.now), [handle(short, async () => "done")]);
  await job.output();

  clock.advance(120_000);
  await waitFor(async () => (await submitter.$engine.find.read(job.id)) === null);
  await worker.stop();

  expect(await submitter.$engine.find.read(job.id)).toBeNull();
});

test("a job stays in the queue to which it was submitted, and a worker that still serves that queue runs it", async () => {
  const spec = { input: z.unknown(), output: z.unknown() };
  const before = deployed(defineJobs(defineJob("crop", { ...spec, queue: "images" })));
  const job = await before.crop.submit(1);
  const moved = defineJob("crop", { ...spec, queue: "crops" });
  const other = defineJob("blur", { ...spec, queue: "images" });
  work(deployed(defineJobs(moved, other)), [
    handle(moved, async ({ input }) => ["cropped", input]),
    handle(other, async () => "blurred"),
  ]);

  expect(await job.output()).toEqual(["cropped", 1]);
});

test("two versions of the code share a queue: old jobs run in both, new ones in the new version, and none is lost", async () => {
  const before = deployed(defineJobs(crop1));
  const after = deployed(defineJobs(crop2));
  const widths = Array.from({ length: 30 }, (_, width) => width);
  const submitted = widths.flatMap((width) => [
    before.crop.submit({ width }),
    after.crop.submit({ size: { width, height: 0 } }),
  ]);
  const ids = (await Promise.all(submitted)).map(({ id }) => id);
  const old = await started("1");
  await old.line(/^jobs of a newer version .* 2$/);
  await started("2");

  await waitFor(
    async () => {
      const records = await Promise.all(ids.map((id) => after.$engine.find.read(id)));
      // Like an operator who does not wait for 30 s. The job may have been claimed in the meantime.
      const late = records.flatMap((record, i) => (record?.status === "scheduled" ? [ids[i] ?? ""] : []));
      await Promise.all(late.map((id) => after.$engine.runNow(id).catch(() => {})));
      return records.every((record) => record?.status === "completed");
    },
    { timeoutMs: 15_000 },
  );

  const outputs = await Promise.all(ids.map((id) => after.crop.job(id).output()));
  expect(outputs).toEqual(
    widths.flatMap((width) => [
      expect.toSatisfy((output) => isOneOf(output, [ranOld(width), ranNew({ width, height: width })])),
      ranNew({ width, height: 0 }),
    ]),
  );
  expect(old.output().match(/jobs of a newer version/g)).toHaveLength(1);
});

function ranOld(width: number): unknown {
  return { by: "1", attempt: 1, input: { width } };
}

function ranNew(size: z.output<typeof Size>): unknown {
  return { by: "2", attempt: 1, input: { size } };
}

function isOneOf(value: unknown, wanted: readonly unknown[]): boolean {
  return wanted.some((one) => JSON.stringify(one) === JSON.stringify(value));
}

async function started(version: "1" | "2"): Promise<SpawnedProcess> {
  const worker = await spawnBundled(PROCESS, { env: { REDIS: redis.url, PREFIX: prefix, VERSION: version } });
  onTestFinished(() => worker.stop());
  await worker.line(/^ready/);
  return worker;
}

test("a process refuses a Redis with the key layout of a newer Telltale, and the error says so", async () => {
  const current = deployed(defineJobs(crop1));
  await current.$ready();
  await tellRedis(redis.socketPath, `HSET ${prefix}:{crop}:meta layout 9`);
  const refused = {
    code: "unsupported_redis",
    message:
      "Queue crop was created by a newer version of Telltale: its keys have layout 9, and this version reads layout 2. Update Telltale here too",
  };

  const late = deployed(defineJobs(crop1));
  const worker = work(late, [handle(crop1, async () => "ran")]);
  const child = await spawnBundled(PROCESS, { env: { REDIS: redis.url, PREFIX: prefix, VERSION: "1" } });
  onTestFinished(() => child.stop());

  await expect(late.$ready()).rejects.toMatchObject(refused);
  await expect(worker.start()).rejects.toMatchObject(refused);
  expect(await child.line(/^refused/)).toBe(`refused ${refused.code}: ${refused.message}`);
  await waitFor(() => logged.find(({ data }) => data.error === refused.message)?.message === "the worker cannot start");
});

async function statuses(telltale: Served, jobs: readonly { readonly id: string }[]): Promise<unknown[]> {
  return Promise.all(jobs.map(async ({ id }) => (await telltale.$engine.find.read(id))?.status));
}
