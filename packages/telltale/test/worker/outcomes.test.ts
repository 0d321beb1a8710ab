import { randomUUID } from "node:crypto";
import { testRedis, waitFor } from "@telltale/testkit";
import { custom, defineJob, defineJobs, type HandlerContext, handle, type JobResult } from "telltale";
import { createTelltale } from "telltale/server";
import { createWorker } from "telltale/worker";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { anything, brief, double, loose } from "./contracts.js";
import { deferred, harness } from "./harness.js";

let redis: Awaited<ReturnType<typeof testRedis>>;
beforeAll(async () => {
  redis = await testRedis();
});
afterAll(() => redis.stop());

test("a submitted job runs with its parsed input, and its output can be read", async () => {
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

test("an error that the contract declares ends the job with its code and parsed data, without a retry", async () => {
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

test("a declared error with invalid data ends the job as invalid_output", async () => {
  const { telltale, work } = harness(redis.url);
  work([
    handle(anything, async ({ fail }) => {
      // @ts-expect-error the contract wants a string
      throw fail("out_of_stock", { item: 5 });
    }),
  ]);

  const result = await (await telltale.anything.submit({})).result();

  const message = expect.stringContaining('The data of fail("out_of_stock") does not fit its schema');
  expect(result).toMatchObject({ ok: false, error: { code: "invalid_output", message } });
});

test("a handler that fails is retried until its attempts are used up", async () => {
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

test("a contract's own backoff decides when a job is retried, even if it returns an invalid delay", async () => {
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
  const telltale = createTelltale({ jobs: defineJobs(moody), redis: redis.url, prefix, logger: false });
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

test("an attempt that exceeds its timeout is settled at once, and anything its handler does later is ignored", async () => {
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

test("a stored input that does not match the worker's contract ends the job without running the handler", async () => {
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

test("an output may contain big integers, dates, maps, NaN, undefined, negative zero and lone surrogates", async () => {
  const { telltale, work } = harness(redis.url);
  const numbers = [Number.NaN, -0, 9_007_199_254_740_992];
  const output = {
    big: 10n,
    at: new Date(0),
    map: new Map([[1, undefined]]),
    numbers,
    half: "\ud800x\udc00",
    list: [],
  };
  work([handle(anything, async () => output)]);

  expect(await (await telltale.anything.submit({})).output()).toStrictEqual(output);
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
  ["a type that cannot be read back", () => new Uint8Array(3)],
  ["a cycle", () => cyclic],
  ["a function", () => () => 1],
  ["a function among valid values", () => ({ ok: true, run: () => 1 })],
  ["a symbol", () => Symbol("s")],
  ["a promise that was not awaited", () => ({ total: Promise.resolve(1) })],
  ["an invalid Date", () => new Date("zzz")],
  ["a big integer of 65 digits", () => BigInt("9".repeat(65))],
  ["a key that pollutes", () => JSON.parse('{"__proto__":{"isAdmin":true}}')],
  ["a value nested too deep", () => Array.from({ length: 100 }).reduce((inner) => [inner], 0 as unknown)],
];

test("a value that JSON cannot represent can be an output by itself", async () => {
  const outputs = [undefined, null, Number.NaN, "\ud800", 10n, -0] as const;

  const ends = await endsOf(outputs, (output) => output);

  expect(ends).toStrictEqual(outputs.map((output) => ({ ok: true, output })));
});

test("an output that could not be read back ends the job as invalid_output, once", async () => {
  let runs = 0;

  const ends = await endsOf(poisonOutputs, ([, make]) => {
    runs += 1;
    return make();
  });

  expect(codesOf(ends, poisonOutputs)).toEqual(allOf("invalid_output", poisonOutputs));
  expect(runs).toBe(poisonOutputs.length);
});

test.each(["fail", "retryAfter"] as const)(
  "a handler that returns %s(…) instead of throwing it gets an error that says so",
  async (name) => {
    const ends = await endsOf([name], (_, { fail, retryAfter }) =>
      name === "fail" ? fail("out_of_stock", { item: "hat" }) : retryAfter("1s"),
    );

    const message = `The handler returned ${name}(…). Did you mean \`throw ${name}(…)\`?`;
    expect(ends).toMatchObject([{ ok: false, error: { code: "invalid_output", message } }]);
  },
);

test("an output that does not match the contract ends the job as invalid_output", async () => {
  const { telltale, work } = harness(redis.url);
  // @ts-expect-error the contract wants a number
  work([handle(double, async () => ({ doubled: "four" }))]);

  const result = await (await telltale.double.submit({ n: 2 })).result();

  const message = expect.stringContaining("The output does not fit the contract's `output` schema (doubled: ");
  expect(result).toMatchObject({ ok: false, error: { code: "invalid_output", message } });
});

test("an output with which no promise can resolve fails the attempt as handler_error", async () => {
  const { telltale, work } = harness(redis.url);
  work([handle(anything, async () => new Proxy({}, { get: () => fault() }))]);

  const result = await (await telltale.anything.submit({})).result();

  expect(result).toMatchObject({ ok: false, error: { code: "handler_error" } });
});

const endless = new Error("round");
endless.cause = new Error("and round", { cause: endless });

const poisonErrors: readonly [string, () => unknown][] = [
  ["undefined", () => undefined],
  ["null", () => null],
  ["a number", () => 5],
  ["a frozen object", () => Object.freeze({})],
  ["a message of five megabytes", () => new Error("m".repeat(5_000_000))],
  ["a cyclic chain of causes", () => endless],
  ["a hundred thousand errors", () => new AggregateError(Array(100_000).fill(new Error("x")))],
  ["a proxy whose traps throw", () => new Proxy(new Error(), { get: () => fault(), getPrototypeOf: () => fault() })],
  ["a symbol", () => Symbol("s")],
  ["a function that cannot be printed", () => Object.assign(() => 1, { toString: fault })],
  ["an error whose message throws", () => Object.defineProperty(new Error("m"), "message", { get: fault })],
  ["an error whose cause is revoked", () => new Error("m", { cause: revoked() })],
  ["an object without a prototype", () => Object.create(null)],
  ["lone surrogates", () => new Error("\ud800\udc00\udc00")],
  ["an escape sequence and a forged log line", () => new Error('\x1b[2J\n{"level":"info"}\u2028')],
];

test("anything that a handler throws fails as handler_error, with a short and clean detail", async () => {
  const ends = await endsOf(poisonErrors, ([, make]) => {
    throw make();
  });

  expect(codesOf(ends, poisonErrors)).toEqual(allOf("handler_error", poisonErrors));
  for (const end of ends) {
    const message = end.ok || end.status !== "failed" ? "" : end.error.message;
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(8 * 1024);
    // All lines come from Telltale: one for the error, and one for each frame of its stack.
    for (const line of message.split("\n")) expect(line).not.toMatch(/[\p{Cc}\u2028]|^\{/u);
  }
});

/** Runs one job per value with this handler, without retries. Returns the results. */
async function endsOf<V>(
  values: readonly V[],
  run: (value: V, ctx: HandlerContext<typeof loose>) => unknown,
): Promise<JobResult<typeof loose>[]> {
  const { telltale, work } = harness(redis.url);
  const handler = handle(loose, async (ctx) => {
    const value = values[Number(ctx.input.name)];
    // There are as many jobs as values.
    return run(value as V, ctx);
  });
  work([handler]);
  const jobs = await Promise.all(values.map((_, i) => telltale.loose.submit({ name: String(i) })));
  return Promise.all(jobs.map((job) => job.result()));
}

type Named = readonly (readonly [string, ...unknown[]])[];

function codesOf(ends: readonly JobResult<typeof loose>[], named: Named): Record<string, string> {
  return Object.fromEntries(
    ends.map((end, i) => [
      named[i]?.[0] ?? "",
      end.ok ? "completed" : end.status === "failed" ? end.error.code : end.status,
    ]),
  );
}

function allOf(code: string, named: Named): Record<string, string> {
  return Object.fromEntries(named.map(([name]) => [name, code]));
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

test("the error that a handler throws is stored with its job, and neither the error nor the input is logged", async () => {
  const { telltale, work, logged } = harness(redis.url);
  work([
    handle(anything, async ({ input, progress, chunk }) => {
      // @ts-expect-error the contract wants a number
      progress({ step: input.name });
      // @ts-expect-error the contract wants text
      chunk({ text: [input.name] });
      throw new Error(`\n{"level":"info"} ${input.name}`);
    }),
  ]);

  const job = await telltale.anything.submit({ name: "canary-s3cret" });

  expect(await job.result()).toMatchObject({ error: { message: expect.stringContaining("canary-s3cret") } });
  await waitFor(() => logged.some(({ level, message }) => level === "error" && message === "job failed"));
  expect(JSON.stringify(logged)).not.toMatch(/canary|\\n|\\u001b/);
});

const undeclared: readonly [string, unknown][] = [
  ["a code of another contract", "sold_out"],
  ["a code of Telltale's own", "timeout"],
  ["a property of every object", "constructor"],
  ["a name that pollutes", "__proto__"],
  ["a megabyte", "x".repeat(1_000_000)],
  ["a big integer", 5n],
  ["nothing", undefined],
  ["a line break and an escape sequence", '\x1b[2J\n{"level":"info"}'],
];

test("a handler that calls fail with a code that its contract does not declare ends the job as invalid_output, once", async () => {
  let runs = 0;

  const ends = await endsOf(undeclared, ([, code], { fail }) => {
    runs += 1;
    // @ts-expect-error no code of its contract
    throw fail(code, { item: "hat" });
  });

  expect(codesOf(ends, undeclared)).toEqual(allOf("invalid_output", undeclared));
  for (const end of ends) {
    const told = end.ok || end.status !== "failed" ? "" : end.error.message;
    expect(told).toMatch(/^The contract declares no error [^\p{Cc}]{1,100}$/u);
  }
  expect(runs).toBe(undeclared.length);
});

test("a handler that calls fail with an invalid code fails like any other", async () => {
  const codes = [Symbol("s"), { toString: fault }];

  const ends = await endsOf(codes, (code, { fail }) => {
    // @ts-expect-error no code at all
    throw fail(code, { item: "hat" });
  });

  expect(ends).toMatchObject(codes.map(() => ({ ok: false, error: { code: "handler_error" } })));
});

const poisonData: readonly [string, () => unknown][] = [
  ["a cycle", () => cyclic],
  ["a getter that throws", () => Object.defineProperty({}, "item", { get: fault })],
  ["a proxy whose traps throw", () => new Proxy({}, { get: fault, getPrototypeOf: fault })],
  ["twenty kilobytes", () => ({ item: "x".repeat(20_000) })],
  ["nothing", () => undefined],
];

test("a declared error whose data cannot be stored ends the job as invalid_output", async () => {
  const ends = await endsOf(poisonData, ([, make], { fail }) => {
    // @ts-expect-error not what the contract wants
    throw fail("out_of_stock", make());
  });

  expect(codesOf(ends, poisonData)).toEqual(allOf("invalid_output", poisonData));
});

test("a declared error may contain 16 KB of data, even if it was thrown from a deep stack", async () => {
  const item = "x".repeat(16_000);

  const ends = await endsOf([0, 40], (depth, { fail }) => {
    const thrown = (left: number): Error => (left > 0 ? thrown(left - 1) : fail("out_of_stock", { item }));
    throw thrown(depth);
  });

  expect(ends).toMatchObject([0, 40].map(() => ({ ok: false, error: { code: "out_of_stock", data: { item } } })));
});

test("retryAfter with an invalid duration fails the attempt as handler_error", async () => {
  const delays = [-1, Number.NaN, "10", "soon", Number.POSITIVE_INFINITY, 1e308, 5n, null];

  const ends = await endsOf(delays, (delay, { retryAfter }) => {
    // @ts-expect-error no duration
    throw retryAfter(delay);
  });

  expect(ends).toMatchObject(delays.map(() => ({ ok: false, error: { code: "handler_error" } })));
});

function fault(): never {
  throw new Error("do not look");
}

test("middleware runs around the handler, outermost first, and sees the errors of the handler", async () => {
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

test("a middleware that does not call the handler fails the attempt", async () => {
  const { telltale, work } = harness(redis.url);
  work([handle(anything, async () => "ran")], { use: [async () => {}] });

  const result = await (await telltale.anything.submit({})).result();

  expect(result).toMatchObject({ ok: false, error: { code: "handler_error" } });
});

test("a worker without a queue that it can serve is refused", () => {
  const { work } = harness(redis.url);

  expect(() => work([])).toThrow(expect.objectContaining({ code: "invalid_config" }));
});
