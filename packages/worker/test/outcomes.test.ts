import { randomUUID } from "node:crypto";
import { custom, defineJob, defineJobs, handle } from "@telltale/core";
import { createTelltale } from "@telltale/queue";
import { testRedis } from "@telltale/testkit";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { createWorker } from "../dist/index.js";
import { anything, brief, double } from "./contracts.js";
import { deferred, harness } from "./harness.js";

let redis: Awaited<ReturnType<typeof testRedis>>;
beforeAll(async () => {
  redis = await testRedis();
});
afterAll(() => redis.stop());

test("a submitted job is run with its parsed input and its output is there to read", async () => {
  const { telltale, work } = harness(redis.url);
  work([handle(double, async ({ input }) => ({ doubled: input.n * 2 }))]);

  const job = await telltale.double.submit({ n: 21 });

  expect(await job.result()).toEqual({ ok: true, output: { doubled: 42 } });
});

test("a handler is given defaults, attempt, fence, owner and tags", async () => {
  const { telltale, work } = harness(redis.url);
  work([handle(anything, async ({ input, attempt, fence, job }) => ({ input, attempt, fence, job }))]);

  const job = await telltale.anything.submit({}, { owner: "u1", tags: ["a", "b"] });

  expect(await job.output()).toEqual({
    input: { name: "nobody" },
    attempt: 1,
    fence: 1,
    job: { id: job.id, owner: "u1", tags: ["a", "b"] },
  });
});

test("an error the contract declares ends the job with its code and parsed data, without a retry", async () => {
  const { telltale, work } = harness(redis.url);
  let runs = 0;
  work([
    handle(anything, async ({ fail }) => {
      runs += 1;
      throw fail("out_of_stock", { item: "hat" });
    }),
  ]);

  const result = await (await telltale.anything.submit({})).result();

  expect(result).toMatchObject({ ok: false, error: { code: "out_of_stock", data: { item: "hat", left: 0 } } });
  expect(runs).toBe(1);
});

test("a declared error whose data does not fit ends the job as invalid_output", async () => {
  const { telltale, work } = harness(redis.url);
  work([
    handle(anything, async ({ fail }) => {
      // @ts-expect-error the contract wants a string
      throw fail("out_of_stock", { item: 5 });
    }),
  ]);

  const result = await (await telltale.anything.submit({})).result();

  expect(result).toMatchObject({ ok: false, error: { code: "invalid_output" } });
});

test("a handler that fails is tried again until its attempts are spent", async () => {
  const { telltale, work } = harness(redis.url);
  const attempts: number[] = [];
  work([
    handle(anything, async ({ attempt }) => {
      attempts.push(attempt);
      throw new Error("no luck");
    }),
  ]);

  const job = await telltale.anything.submit({});
  const statuses: string[] = [];
  for await (const event of job.watch()) statuses.push(event.status);

  expect(attempts).toEqual([1, 2, 3]);
  expect(statuses.filter((status) => status === "retrying")).toHaveLength(2);
  expect(statuses.at(-1)).toBe("failed");
});

test("retryAfter retries after its own delay instead of the backoff", async () => {
  const { telltale, work } = harness(redis.url);
  const startedAt: number[] = [];
  work([
    handle(anything, async ({ attempt, retryAfter }) => {
      startedAt.push(performance.now());
      if (attempt === 1) throw retryAfter("700ms");
      return null;
    }),
  ]);

  const result = await (await telltale.anything.submit({})).result();

  expect(result.ok).toBe(true);
  expect((startedAt[1] ?? 0) - (startedAt[0] ?? 0)).toBeGreaterThan(650);
});

test("a job whose contract says how long to wait is retried by that, also where it says nonsense", async () => {
  const asked: number[] = [];
  const moody = defineJob("moody", {
    input: z.null(),
    output: z.int(),
    retry: {
      attempts: 3,
      backoff: custom((attempt) => {
        asked.push(attempt);
        if (attempt === 2) throw new Error("no idea");
        return "100ms";
      }),
    },
  });
  const prefix = `t${randomUUID().slice(0, 8)}`;
  const telltale = createTelltale({ jobs: defineJobs(moody), redis: redis.url, prefix });
  onTestFinished(() => telltale[Symbol.asyncDispose]());
  const handler = handle(moody, async ({ attempt }) => {
    if (attempt < 3) throw new Error("once more");
    return attempt;
  });
  const worker = createWorker({ telltale, handlers: [handler], pollMs: 50, graceMs: 0 });
  onTestFinished(() => worker.stop());

  const output = await (await telltale.moody.submit(null)).output();

  expect(output).toBe(3);
  expect(new Set(asked)).toEqual(new Set([1, 2, 3]));
});

test("an attempt past its timeout is settled at once, and what its handler does later is ignored", async () => {
  const { telltale, work } = harness(redis.url);
  const late = deferred<unknown>();
  const reasons: unknown[] = [];
  work([
    handle(brief, ({ signal, attempt }) => {
      signal.addEventListener("abort", () => reasons.push(signal.reason.cause));
      return attempt === 1 ? late.promise : Promise.resolve("second");
    }),
  ]);

  const job = await telltale.brief.submit({});
  const events = [];
  for await (const event of job.watch()) {
    events.push(event);
    if (event.status === "retrying") late.resolve("first");
  }

  expect(reasons).toEqual(["timeout"]);
  expect(events.find(({ status }) => status === "retrying")).toMatchObject({ error: { code: "timeout" } });
  expect(events.at(-1)).toMatchObject({ status: "completed", output: "second", attempt: 2 });
});

test("stored input that does not fit the worker's contract ends the job without running the handler", async () => {
  const { telltale, prefix, work } = harness(redis.url);
  let runs = 0;
  const older = defineJob("double", { input: z.object({ n: z.string() }), output: z.unknown() });
  await using submitter = createTelltale({ jobs: defineJobs(older), redis: redis.url, prefix });
  const { id } = await submitter.double.submit({ n: "one" });

  work([
    handle(double, async () => {
      runs += 1;
      return { doubled: 0 };
    }),
  ]);

  expect(await telltale.double.job(id).result()).toMatchObject({ ok: false, error: { code: "invalid_input" } });
  expect(runs).toBe(0);
});

test("an output may hold big integers, dates, maps, NaN and undefined", async () => {
  const { telltale, work } = harness(redis.url);
  const output = { big: 10n, at: new Date(0), map: new Map([[1, undefined]]), nan: Number.NaN };
  work([handle(anything, async () => output)]);

  expect(await (await telltale.anything.submit({})).output()).toEqual(output);
});

const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;

const poisonOutputs: readonly [string, () => unknown][] = [
  [
    "a getter that throws",
    () => ({
      get x() {
        throw new Error("no");
      },
    }),
  ],
  [
    "a toJSON that throws",
    () => ({
      toJSON() {
        throw 1;
      },
    }),
  ],
  ["a proxy that throws", () => new Proxy({}, { ownKeys: () => Reflect.ownKeys(5 as never) })],
  ["ten megabytes", () => "x".repeat(10_000_000)],
  ["a type no reader accepts", () => new Uint8Array(3)],
  ["a cycle", () => cyclic],
  ["a value nested too deep", () => Array.from({ length: 100 }).reduce((inner) => [inner], 0 as unknown)],
];

test.each(poisonOutputs)("%s as output ends the job as invalid_output, once", async (_, make) => {
  const { telltale, work } = harness(redis.url);
  let runs = 0;
  work([
    handle(anything, async () => {
      runs += 1;
      return make();
    }),
  ]);

  const result = await (await telltale.anything.submit({})).result();

  expect(result).toMatchObject({ ok: false, error: { code: "invalid_output" } });
  expect(runs).toBe(1);
});

test("an output the contract forbids ends the job as invalid_output", async () => {
  const { telltale, work } = harness(redis.url);
  // @ts-expect-error the contract wants a number
  work([handle(double, async () => ({ doubled: "four" }))]);

  const result = await (await telltale.double.submit({ n: 2 })).result();

  expect(result).toMatchObject({ ok: false, error: { code: "invalid_output" } });
});

const endless = new Error("round");
endless.cause = new Error("and round", { cause: endless });

const poisonErrors: readonly [string, () => unknown][] = [
  ["undefined", () => undefined],
  ["null", () => null],
  ["a number", () => 5],
  ["a frozen object", () => Object.freeze({})],
  ["five megabytes of message", () => new Error("m".repeat(5_000_000))],
  ["a cyclic chain of causes", () => endless],
  ["a hundred thousand errors", () => new AggregateError(Array(100_000).fill(new Error("x")))],
  ["a proxy nobody may look at", () => new Proxy(new Error(), { get: () => fault(), getPrototypeOf: () => fault() })],
  ["an escape sequence and a forged log line", () => new Error('\x1b[2J\n{"level":"info"}\u2028')],
];

test.each(poisonErrors)(
  "a handler that throws %s fails as handler_error, its detail short and clean",
  async (_, make) => {
    const { telltale, work } = harness(redis.url);
    work([
      handle(anything, async () => {
        throw make();
      }),
    ]);

    const result = await (await telltale.anything.submit({})).result();

    if (result.ok || result.status !== "failed") throw new Error("The job did not fail");
    expect(result.error.code).toBe("handler_error");
    expect(Buffer.byteLength(result.error.message)).toBeLessThanOrEqual(8 * 1024);
    // Lines are ours: one for the error, one for each frame of its stack.
    for (const line of result.error.message.split("\n")) expect(line).not.toMatch(/[\p{Cc}\u2028]|^\{/u);
  },
);

function fault(): never {
  throw new Error("do not look");
}

test("middleware runs around the handler, outermost first, and sees what it throws", async () => {
  const { telltale, work } = harness(redis.url);
  const calls: string[] = [];
  work(
    [
      handle(double, async ({ input }) => {
        calls.push("handler");
        return { doubled: input.n };
      }),
    ],
    {
      use: [
        async (job, next) => {
          calls.push(`outer ${job.kind} ${job.attempt}`);
          await next();
          calls.push("outer end");
        },
        async (_job, next) => {
          calls.push("inner");
          await next();
        },
      ],
    },
  );

  await (await telltale.double.submit({ n: 1 })).output();

  expect(calls).toEqual(["outer double 1", "inner", "handler", "outer end"]);
});

test("a middleware that keeps the handler back fails the attempt", async () => {
  const { telltale, work } = harness(redis.url);
  work([handle(anything, async () => "ran")], { use: [async () => {}] });

  const result = await (await telltale.anything.submit({})).result();

  expect(result).toMatchObject({ ok: false, error: { code: "handler_error" } });
});

test("a worker without a queue it can serve is refused", () => {
  const { work } = harness(redis.url);

  expect(() => work([])).toThrow(expect.objectContaining({ code: "invalid_config" }));
});
