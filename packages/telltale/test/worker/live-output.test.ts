import { testRedis, waitFor } from "@telltale/testkit";
import { handle } from "telltale";
import { afterAll, beforeAll, expect, test } from "vitest";
import { anything, double, loose } from "./contracts.js";
import { deferred, harness, type Logged, tellRedis } from "./harness.js";

let redis: Awaited<ReturnType<typeof testRedis>>;
beforeAll(async () => {
  redis = await testRedis();
});
afterAll(() => redis.stop());

function isDropped({ message }: Logged): boolean {
  return message.startsWith("progress dropped");
}

test("the last progress report is seen before the completion, even of a very short job", async () => {
  const { telltale, work } = harness(redis.url);
  work([
    handle(anything, async ({ progress }) => {
      for (let step = 1; step <= 1_000; step++) progress({ step });
    }),
  ]);

  const job = await telltale.anything.submit({}, { delay: "100ms" });
  const steps: unknown[] = [];
  for await (const event of job.watch()) if (event.status === "running") steps.push(event.progress?.step);

  expect(steps.at(-1)).toBe(1_000);
  expect(steps.length).toBeLessThan(10);
});

test("progress is seen while the handler runs", async () => {
  const { telltale, work } = harness(redis.url);
  const seen = deferred();
  work([
    handle(anything, async ({ progress }) => {
      progress({ step: 7 });
      await seen.promise;
    }),
  ]);

  const job = await telltale.anything.submit({});
  for await (const event of job.watch()) if (event.status === "running" && event.progress?.step === 7) seen.resolve();

  expect(await job.result()).toMatchObject({ ok: true });
});

/** Values that can be neither a report nor a chunk. */
const poison: readonly [string, () => unknown][] = [
  ["a megabyte", () => "x".repeat(1_000_000)],
  ["a function", () => () => 1],
  ["a symbol", () => Symbol("s")],
  ["a toJSON that throws", () => ({ toJSON: fault })],
  ["a getter that throws", () => Object.defineProperty({}, "x", { get: fault, enumerable: true })],
  ["a proxy whose traps throw", () => untouchable],
  [
    "a value that throws a proxy whose traps throw",
    () => Object.defineProperty({}, "x", { get: throwUntouchable, enumerable: true }),
  ],
  ["a type that cannot be read back", () => new Uint8Array(3)],
  ["a big integer of 65 digits", () => BigInt("9".repeat(65))],
];

const untouchable: object = new Proxy({}, { get: fault, has: fault, ownKeys: fault, getPrototypeOf: fault });

function fault(): never {
  throw new Error("do not look");
}

function throwUntouchable(): never {
  throw untouchable;
}

test.for(poison)(
  "%s is dropped as a progress report, the next report is seen, and the job continues",
  async ([, make]) => {
    const { telltale, work, logged } = harness(redis.url);
    work([
      handle(loose, async ({ progress }) => {
        progress(make());
        await waitFor(() => logged.some(isDropped));
        progress("good");
      }),
    ]);

    const job = await telltale.loose.submit({});
    const reports: unknown[] = [];
    for await (const event of job.watch()) if (event.status === "running") reports.push(event.progress);

    expect(reports.filter((report) => report !== undefined)).toEqual(["good"]);
    expect(await job.result()).toMatchObject({ ok: true });
  },
);

test("an invalid last report does not prevent a job from being completed", async () => {
  const { telltale, work } = harness(redis.url);
  const makers = new Map(poison);
  work([handle(loose, async ({ input, progress }) => progress(makers.get(input.name)?.()))]);

  const jobs = await Promise.all(poison.map(([name]) => telltale.loose.submit({ name })));

  expect(await Promise.all(jobs.map((job) => job.result()))).toEqual(
    poison.map(() => ({ ok: true, output: undefined })),
  );
});

test("an invalid chunk leaves a mark in the stream, and the job continues", async () => {
  const { telltale, work } = harness(redis.url);
  work([
    handle(loose, async ({ chunk }) => {
      for (const [name, make] of poison) {
        chunk(make());
        chunk(`after ${name}`);
      }
    }),
  ]);

  const job = await telltale.loose.submit({});
  const pieces: unknown[] = [];
  for await (const piece of job.chunks()) pieces.push(piece.truncated ? "mark" : piece.data);

  expect(pieces).toEqual(poison.flatMap(([name]) => ["mark", `after ${name}`]));
  expect(await job.result()).toMatchObject({ ok: true });
});

test("reports and chunks that throw while they are validated are dropped too", async () => {
  const { telltale, work, logged } = harness(redis.url);
  work([
    handle(anything, async ({ progress, chunk }) => {
      for (const bad of [untouchable, Object.defineProperty({}, "step", { get: throwUntouchable })]) {
        // @ts-expect-error no report
        progress(bad);
        // @ts-expect-error no piece
        chunk(bad);
        await waitFor(() => logged.some(isDropped));
      }
      return "done";
    }),
  ]);

  expect(await (await telltale.anything.submit({})).output()).toBe("done");
});

test("a million reports and a million chunks cause few calls and few log lines, and the job completes", async () => {
  const { telltale, work, logged } = harness(redis.url);
  work([
    handle(loose, async ({ progress, chunk }) => {
      for (let i = 0; i < 1_000_000; i++) {
        progress(i);
        chunk(i % 2 === 0 ? "x".repeat(200) : null);
      }
      return "done";
    }),
  ]);

  const job = await telltale.loose.submit({});
  const seen: unknown[] = [];
  for await (const event of job.watch()) if (event.status === "running") seen.push(event.progress);

  expect(await job.output()).toBe("done");
  expect(seen.at(-1)).toBe(999_999);
  expect(seen.length).toBeLessThan(100);
  expect(logged.length).toBeLessThan(30);
});

test("a kind whose handlers report only invalid progress logs one line, not one per report", async () => {
  const { telltale, work, logged } = harness(redis.url);
  const dropped = () => logged.filter(({ message }) => message.includes("dropped"));
  work(
    [
      handle(loose, async ({ progress, chunk }) => {
        for (let i = 0; i < 50; i++) {
          progress(fault);
          chunk(fault);
          await new Promise(setImmediate);
        }
      }),
    ],
    { progressMs: 0 },
  );

  for (let i = 0; i < 3; i++) await (await telltale.loose.submit({})).result();

  expect(dropped()).toHaveLength(2);
});

test("reports that the contract does not declare are dropped, and the log says what to do", async () => {
  const { telltale, work, logged } = harness(redis.url);
  work([
    handle(double, async ({ progress, chunk }) => {
      // @ts-expect-error the contract declares no progress
      progress(1);
      // @ts-expect-error the contract declares no chunks
      chunk("a");
      return { doubled: 2 };
    }),
  ]);

  const job = await telltale.double.submit({ n: 1 });

  expect(await job.result()).toMatchObject({ ok: true });
  const about = expect.objectContaining({ kind: "double", id: job.id, attempt: 1 });
  expect(logged.filter(({ level }) => level === "warn")).toEqual(
    expect.arrayContaining([
      { level: "warn", data: about, message: expect.stringMatching(/^progress dropped: .* add a `progress` schema/) },
      { level: "warn", data: about, message: expect.stringMatching(/^chunk dropped: .* add a `chunk` schema/) },
    ]),
  );
});

test("reports and chunks after the end change nothing", async () => {
  const { telltale, work } = harness(redis.url);
  const late = deferred<() => void>();
  work([
    handle(loose, async ({ progress, chunk }) => {
      progress("last");
      chunk("last");
      late.resolve(() => {
        progress("late");
        chunk("late");
      });
      return "done";
    }),
  ]);
  const job = await telltale.loose.submit({});
  await job.result();
  const before = await telltale.$engine.find.read(job.id);

  (await late.promise)();
  // Longer than a report or a chunk waits before it is sent.
  await (await telltale.loose.submit({}, { delay: "200ms" })).result();

  expect(await telltale.$engine.find.read(job.id)).toEqual(before);
  const pieces: unknown[] = [];
  for await (const piece of job.chunks()) pieces.push(piece.data);
  expect(pieces).toEqual(["last"]);
});

test("a report that does not match its contract is dropped, and the job continues", async () => {
  const { telltale, work, logged } = harness(redis.url);
  work([
    handle(anything, async ({ progress }) => {
      // @ts-expect-error the contract wants a number
      progress({ step: "seven" });
    }),
  ]);

  const job = await telltale.anything.submit({});

  expect(await job.result()).toMatchObject({ ok: true });
  expect(logged.find(isDropped)?.message).toContain("it does not fit the `progress` schema");
});

test("chunks arrive complete and in order", async () => {
  const { telltale, work } = harness(redis.url);
  work([
    handle(anything, async ({ chunk }) => {
      for (let i = 0; i < 1_000; i++) {
        chunk({ text: `${i}${"x".repeat(i % 400)}` });
        if (i % 100 === 0) await new Promise(setImmediate);
      }
    }),
  ]);

  const job = await telltale.anything.submit({});
  const numbers: number[] = [];
  for await (const piece of job.chunks()) numbers.push(Number.parseInt(piece.data?.text ?? "", 10));

  expect(numbers).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
});

test("output over a megabyte is truncated with a mark, and the job completes", async () => {
  const { telltale, work } = harness(redis.url);
  work([
    handle(anything, async ({ chunk }) => {
      for (let i = 0; i < 300; i++) chunk({ text: "y".repeat(10_000) });
    }),
  ]);

  const job = await telltale.anything.submit({});
  const pieces = [];
  for await (const piece of job.chunks()) pieces.push(piece);

  expect(pieces.length).toBeGreaterThan(100);
  expect(pieces.length).toBeLessThan(106);
  expect(pieces.at(-1)).toMatchObject({ truncated: true });
  expect(pieces.slice(0, -1).every(({ truncated }) => !truncated)).toBe(true);
  expect(await job.result()).toMatchObject({ ok: true });
});

test("a chunk that does not match its contract leaves a mark in the stream", async () => {
  const { telltale, work } = harness(redis.url);
  work([
    handle(anything, async ({ chunk }) => {
      chunk({ text: "before" });
      chunk({ text: "z".repeat(20_000) });
      chunk({ text: "after" });
    }),
  ]);

  const job = await telltale.anything.submit({});
  const pieces: unknown[] = [];
  for await (const piece of job.chunks()) pieces.push(piece.truncated ? "mark" : piece.data.text);

  expect(pieces).toEqual(["before", "mark", "after"]);
});

test("a full Redis drops chunks, and the job still completes", async () => {
  const full = await testRedis();
  await using _ = full;
  const { telltale, work } = harness(full.url);
  const isFull = deferred();
  work([
    handle(anything, async ({ chunk, progress }) => {
      progress({ step: 1 });
      await isFull.promise;
      for (let i = 0; i < 20; i++) chunk({ text: String(i) });
      progress({ step: 2 });
      return "done";
    }),
  ]);
  const job = await telltale.anything.submit({});
  await waitFor(async () => (await telltale.$engine.find.read(job.id))?.progress !== null, {
    what: "the first report",
  });

  await tellRedis(full.socketPath, "CONFIG SET maxmemory 1mb");
  isFull.resolve();

  expect(await job.output()).toBe("done");
});
