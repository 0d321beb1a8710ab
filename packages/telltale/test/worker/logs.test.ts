import { createTcpProxy, testRedis, waitFor } from "@telltale/testkit";
import { defineJob, defineJobs, handle, type JobLogLine, type Observer } from "telltale";
import { createTelltale } from "telltale/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { anything, brief, jobs, loose } from "./contracts.js";
import { aborted, deferred, harness, tellRedis } from "./harness.js";

let redis: Awaited<ReturnType<typeof testRedis>>;
beforeAll(async () => {
  redis = await testRedis();
});
afterAll(() => redis.stop());

async function all(feed: AsyncIterable<JobLogLine>): Promise<JobLogLine[]> {
  const lines: JobLogLine[] = [];
  for await (const line of feed) lines.push(line);
  return lines;
}

test("what a handler logs is seen in order by a follower, and is complete when the job ends", async () => {
  const { telltale, work } = harness(redis.url);
  work([
    handle(loose, async ({ log, input }) => {
      log.debug("debug");
      log.info("charging", { order: 7, input });
      const { warn } = log;
      warn("taken off the object");
      log.error("error");
    }),
  ]);

  const job = await telltale.loose.submit({ name: "ann" }, { delay: "50ms" });
  const lines = await all(job.logs({ follow: true }));

  expect(lines.map(({ n, round, attempt, level, message, data }) => [n, round, attempt, level, message, data])).toEqual(
    [
      [1, 1, 1, "debug", "debug", undefined],
      [2, 1, 1, "info", "charging", { order: 7, input: { name: "ann" } }],
      [3, 1, 1, "warn", "taken off the object", undefined],
      [4, 1, 1, "error", "error", undefined],
    ],
  );
  expect(await all(job.logs())).toEqual(lines);
});

test("a line is seen while the handler still runs", async () => {
  const { telltale, work } = harness(redis.url);
  const seen = deferred();
  work([
    handle(loose, async ({ log }) => {
      log.info("started");
      await seen.promise;
    }),
  ]);

  const job = await telltale.loose.submit({});
  for await (const { message } of job.logs({ follow: true })) if (message === "started") seen.resolve();

  expect(await job.result()).toMatchObject({ ok: true });
});

test("lines also go to the logger of the worker, with the job's id, kind and attempt", async () => {
  const { telltale, work, logged } = harness(redis.url);
  work([
    handle(loose, async ({ log }) => {
      log.warn("low stock", { left: 2, id: "mine" });
      log.info("plain");
    }),
  ]);

  const job = await telltale.loose.submit({});
  await job.result();

  const about = { id: job.id, kind: "loose", attempt: 1 };
  expect(logged).toContainEqual({
    level: "warn",
    message: "low stock",
    data: { ...about, data: { left: 2, id: "mine" } },
  });
  expect(logged).toContainEqual({ level: "info", message: "plain", data: about });
});

function fault(): never {
  throw new Error("do not look");
}

const untouchable: object = new Proxy({}, { get: fault, has: fault, ownKeys: fault, getPrototypeOf: fault });
const circle: { name: string; self?: unknown } = { name: "circle" };
circle.self = circle;

/** Data that a handler may pass, and what a reader gets. */
const DATA: readonly [string, () => unknown, unknown][] = [
  ["undefined", () => undefined, undefined],
  ["null", () => null, null],
  ["a number that JSON does not have", () => [Number.NaN, 1 / 0, -0], ["NaN", "Infinity", 0]],
  ["a bigint", () => 12n, "12"],
  ["a huge bigint", () => 10n ** 64n, "[bigint of more than 64 digits]"],
  ["a function", () => fault, "[function fault]"],
  ["a symbol", () => Symbol("s"), "[Symbol(s)]"],
  ["a date", () => new Date(0), "1970-01-01T00:00:00.000Z"],
  ["an invalid date", () => new Date(Number.NaN), "[invalid date]"],
  ["a promise", () => Promise.resolve(1), "[promise]"],
  ["a map and a set", () => ({ map: new Map([["a", 1]]), set: new Set([1]) }), { map: [["a", 1]], set: [1] }],
  ["bytes", () => Buffer.alloc(1_000), "[1000 bytes]"],
  ["a regular expression", () => /a+/g, "/a+/g"],
  ["an address", () => new URL("https://example.com/a"), "https://example.com/a"],
  ["undefined properties and items", () => ({ a: undefined, b: [undefined] }), { b: [null] }],
  ["a cycle", () => circle, { name: "circle", self: "[circular]" }],
  ["the same object twice", () => [fault.prototype, fault.prototype], [{}, {}]],
  [
    "a getter that throws",
    () => Object.defineProperty({ a: 1 }, "b", { get: fault, enumerable: true }),
    { a: 1, b: "[getter failed]" },
  ],
  ["a toJSON that throws", () => ({ toJSON: fault }), "[toJSON failed]"],
  [
    "a toJSON that returns itself",
    () => ({
      a: 1,
      toJSON() {
        return this;
      },
    }),
    { a: 1, toJSON: "[function toJSON]" },
  ],
  ["a proxy whose traps throw", () => ({ a: untouchable }), { a: "[unreadable]" }],
  [
    "keys that can pollute prototypes",
    () => JSON.parse('{"__proto__":{"a":1},"constructor":1}'),
    { "(__proto__)": { a: 1 }, "(constructor)": 1 },
  ],
  ["half a character and control characters", () => "\ud800\u0000\u001b[2J", "\ud800\u0000\u001b[2J"],
  ["markup", () => "<script>alert(1)</script>", "<script>alert(1)</script>"],
  ["deep nesting", () => JSON.parse("[".repeat(50) + "]".repeat(50)), [[[[[[[["[list]"]]]]]]]]],
];

test("data of any kind is stored as JSON that a person can read, and the job completes", async () => {
  const { telltale, work, logged } = harness(redis.url);
  work([
    handle(loose, async ({ log }) => {
      for (const [name, make] of DATA) log.info(name, make());
      return "done";
    }),
  ]);

  const job = await telltale.loose.submit({});

  expect(await job.output()).toBe("done");
  expect((await all(job.logs())).map(({ message, data }) => [message, data])).toEqual(
    DATA.map(([name, , expected]) => [name, expected]),
  );
  const forwarded = logged.filter(({ message }) => DATA.some(([name]) => name === message));
  expect(forwarded.map(({ data }) => data.data)).toEqual(DATA.map(([, , expected]) => expected));
});

test("an error as data keeps its stack, its cause and its properties", async () => {
  const { telltale, work } = harness(redis.url);
  work([
    handle(loose, async ({ log }) => {
      log.error("refused", Object.assign(new TypeError("no", { cause: new Error("why") }), { code: "E_CARD" }));
    }),
  ]);

  const job = await telltale.loose.submit({});
  await job.result();

  expect((await all(job.logs()))[0]?.data).toEqual({
    ...{ name: "TypeError", message: "no", code: "E_CARD", stack: expect.stringContaining("logs.test") },
    cause: { name: "Error", message: "why", stack: expect.stringContaining("logs.test") },
  });
});

test("a message that is no string is written as text, and an error keeps its stack as data", async () => {
  const { telltale, work } = harness(redis.url);
  const messages: readonly unknown[] = [
    new RangeError("too far"),
    { order: 1 },
    undefined,
    null,
    7,
    Symbol("s"),
    untouchable,
  ];
  work([
    handle(loose, async ({ log }) => {
      // @ts-expect-error only strings are messages
      for (const message of messages) log.info(message);
      // @ts-expect-error the arguments in the order of pino
      log.info({ order: 2 }, "charging");
    }),
  ]);

  const job = await telltale.loose.submit({});
  await job.result();

  const lines = await all(job.logs());
  expect(lines.map(({ message }) => message)).toEqual([
    ...["RangeError: too far", '{"order":1}', "undefined", "null", "7", "[Symbol(s)]", "[unreadable]", '{"order":2}'],
  ]);
  expect(lines[0]?.data).toMatchObject({ stack: expect.stringContaining("logs.test") });
  expect(lines.at(-1)?.data).toBe("charging");
});

test("a message and data of a megabyte are cut, and say how much is missing", async () => {
  const { telltale, work, logged } = harness(redis.url);
  const megabyte = "x".repeat(1_000_000);
  work([
    handle(loose, async ({ log }) => {
      log.info(megabyte, megabyte);
      log.info(
        "list",
        Array.from({ length: 100_000 }, (_, i) => i),
      );
      log.info("object", Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`key${i}`, i])));
      log.info("escaped", "\u0000".repeat(1_000_000));
      log.info("holes", new Array(4_000_000_000));
      log.info("long key", { [megabyte]: 1 });
    }),
  ]);

  const job = await telltale.loose.submit({});
  expect(await job.result()).toMatchObject({ ok: true });

  const lines = await all(job.logs());
  expect(lines[0]?.message).toMatch(/^x{8190}… \(991810 more characters\)$/);
  expect(lines[0]?.data).toMatch(/^x{16382}… \(983618 more characters\)$/);
  expect(lines[1]?.data).toSatisfy(
    (list: unknown[]) => String(list.at(-1)) === `… (${100_000 - list.length + 1} more items)`,
  );
  expect(lines[2]?.data).toMatchObject({ key0: 0, "…": expect.stringMatching(/^\d+ more properties$/) });
  for (const line of lines) expect(JSON.stringify(line).length).toBeLessThan(26_000);
  expect(lines).toHaveLength(6);
  expect(logged.find(({ message }) => message.startsWith("xxx"))?.message).toBe(lines[0]?.message);
});

test("a hundred thousand lines in a loop keep their order, the last ones are stored and the others counted", async () => {
  const { telltale, work } = harness(redis.url);
  work([
    handle(loose, async ({ log }) => {
      for (let i = 1; i <= 100_000; i++) log.info(`line ${i}`, { i });
      return "done";
    }),
  ]);

  const job = await telltale.loose.submit({});
  expect(await job.output()).toBe("done");

  const lines = await all(job.logs());
  expect(lines).toHaveLength(1_000);
  expect(lines[0]?.dropped).toBe(99_000);
  expect(lines.map(({ n, data }) => [n, data])).toEqual(
    Array.from({ length: 1_000 }, (_, i) => [99_001 + i, { i: 99_001 + i }]),
  );
});

test("a logger of the application that throws does not fail the job", async () => {
  const { telltale, work } = harness(redis.url);
  const info = (_data: object, message: string): void => {
    if (message === "one") fault();
  };
  const logger = { debug() {}, info, warn() {}, error() {} };
  work([handle(loose, async ({ log }) => log.info("one"))], { logger });

  const job = await telltale.loose.submit({});

  expect(await job.result()).toMatchObject({ ok: true });
  expect(await all(job.logs())).toMatchObject([{ message: "one" }]);
});

test("lines that a handler logs after its attempt ended only go to the logger", async () => {
  const { telltale, work, logged } = harness(redis.url);
  const ended = deferred();
  work([
    handle(loose, async ({ log }) => {
      log.info("during");
      void ended.promise.then(() => log.info("after"));
    }),
  ]);

  const job = await telltale.loose.submit({});
  await job.result();
  ended.resolve();
  await waitFor(() => logged.some(({ message }) => message === "after"));

  expect((await all(job.logs())).map(({ message }) => message)).toEqual(["during"]);
});

test("while Redis is full lines are dropped with a mark, and the job completes", async () => {
  await using full = await testRedis();
  const { telltale, work, logged } = harness(full.url);
  work([
    handle(loose, async ({ log }) => {
      log.info("before");
      await waitFor(async () => (await all(telltale.loose.job(job.id).logs())).length === 1);
      await tellRedis(full.socketPath, "CONFIG SET maxmemory 1");
      log.info("lost");
      log.info("lost too");
      return "done";
    }),
  ]);

  const job = await telltale.loose.submit({}, { delay: "50ms" });
  expect(await job.output()).toBe("done");

  expect((await all(job.logs())).map(({ n, level, message, dropped }) => [n, level, message, dropped])).toEqual([
    [1, "info", "before", undefined],
    [4, "warn", "the lines before this one could not be stored", 2],
  ]);
  expect(logged).toContainEqual(
    expect.objectContaining({
      level: "warn",
      message: "lines of the job's log could not be stored",
      data: expect.objectContaining({ lines: 2 }),
    }),
  );
});

test("while connections to Redis break again and again, each line is stored once and in order", async () => {
  await using proxy = await createTcpProxy({ target: { path: redis.socketPath } });
  const { telltale, work } = harness(proxy.url);
  work([
    handle(loose, async ({ log }) => {
      for (let i = 1; i <= 40; i++) {
        log.info(`line ${i}`);
        if (i % 10 !== 0) continue;
        // Its batch is on its way by now, or was stored and its reply is lost.
        await waitFor(async () => (await all(telltale.loose.job(job.id).logs())).length >= i - 5);
        proxy.cutAll();
      }
      return "done";
    }),
  ]);

  const job = await telltale.loose.submit({}, { delay: "50ms" });
  expect(await job.output()).toBe("done");

  const lines = await all(job.logs());
  expect(lines.map(({ n, message }) => `${n} ${message}`)).toEqual(
    Array.from({ length: 40 }, (_, i) => `${i + 1} line ${i + 1}`),
  );
});

test("an attempt that lost its lease stores no more lines, and its signal aborts", async () => {
  const { telltale, work, logged } = harness(redis.url);
  const ended = deferred<string>();
  work([
    handle(loose, async ({ log, signal, fence, job: { id } }) => {
      log.info("before");
      await waitFor(async () => (await all(telltale.loose.job(id).logs())).length === 1);
      const scripts = telltale.$engine.scripts("loose");
      await scripts.complete({ id, fence, output: '{"json":null}', pending: null });
      log.info("after");
      await waitFor(() => signal.aborted);
      log.info("later");
      ended.resolve(id);
    }),
  ]);

  await telltale.loose.submit({});
  const id = await ended.promise;

  expect((await all(telltale.loose.job(id).logs())).map(({ message }) => message)).toEqual(["before"]);
  // They are not lost for the operator of the worker.
  const forwarded = logged.map(({ message }) => message);
  expect(forwarded).toEqual(expect.arrayContaining(["before", "after", "later"]));
});

test("a handler that logs nothing makes no call for it, and a thousand lines make few", async () => {
  const { prefix, work } = harness(redis.url);
  const called: string[] = [];
  const observer: Observer = (event) => {
    if (event.type === "script.called" && /log/.test(event.script)) called.push(event.script);
  };
  await using telltale = createTelltale({ jobs, redis: redis.url, prefix, logger: false, observer });
  const worker = work(
    [
      handle(loose, async ({ input, log }) => {
        for (let i = 0; i < Number(input.name); i++) log.debug("line");
      }),
    ],
    { telltale },
  );

  await (await telltale.loose.submit({ name: "0" })).result();
  const without = called.length;
  await (await telltale.loose.submit({ name: "1000" })).result();

  expect(without).toBe(0);
  expect(called.length).toBeGreaterThan(0);
  expect(called.length).toBeLessThanOrEqual(6);
  await worker.stop();
});

test("what an attempt logged last is stored, whether it throws, times out or is given back", async () => {
  const { telltale, work } = harness(redis.url);
  const started = deferred();
  const worker = work([
    handle(brief, async ({ log, attempt, signal }) => {
      log.info(`attempt ${attempt}`);
      if (attempt === 1) throw new Error("once");
      await aborted(signal).catch(() => {});
      log.info("timed out");
    }),
    handle(anything, async ({ log, signal }) => {
      log.info("started");
      started.resolve();
      await aborted(signal).catch(() => {});
      log.info("shutting down");
      throw signal.reason;
    }),
  ]);

  const failed = await telltale.brief.submit({});
  expect(await failed.result()).toMatchObject({ ok: false, error: { code: "timeout" } });
  const given = await telltale.anything.submit({});
  await started.promise;
  await worker.stop();

  const linesOf = async (feed: AsyncIterable<JobLogLine>): Promise<string[]> =>
    (await all(feed)).map(({ attempt, message }) => `${attempt} ${message}`);
  // The timeout ends the attempt, and what its handler does after that belongs to nothing.
  expect((await linesOf(failed.logs())).slice(0, 2)).toEqual(["1 attempt 1", "2 attempt 2"]);
  expect((await given.get()).status).toBe("queued");
  expect((await linesOf(given.logs()))[0]).toBe("1 started");
});

test("sensitive values of the input are neither in the job's log nor in the worker's", async () => {
  const pay = defineJob("pay", {
    input: z.object({ card: z.object({ number: z.string(), pin: z.int() }) }),
    output: z.unknown(),
    sensitive: ["card.number", "card.pin"],
  });
  const { prefix, work, logged } = harness(redis.url);
  await using telltale = createTelltale({ jobs: defineJobs(pay), redis: redis.url, prefix, logger: false });
  const worker = work(
    [
      handle(pay, async ({ input, log }) => {
        log.info(`charging ${input.card.number}`, { input, note: `pin ${input.card.pin}`, card: { number: "other" } });
        log.error("refused", new Error(`no such card: ${input.card.number}`));
      }),
    ],
    { telltale },
  );

  const job = await telltale.pay.submit({ card: { number: "4111-1111", pin: 98_765 } });
  await job.result();
  const lines = await all(job.logs());
  await worker.stop();

  expect(lines[0]).toMatchObject({
    message: "charging [redacted]",
    data: {
      input: { card: { number: "[redacted]", pin: "[redacted]" } },
      note: "pin [redacted]",
      card: { number: "[redacted]" },
    },
  });
  expect(lines[1]?.data).toMatchObject({ message: "no such card: [redacted]" });
  expect(JSON.stringify([lines, logged])).not.toMatch(/4111-1111|98765/);
});
