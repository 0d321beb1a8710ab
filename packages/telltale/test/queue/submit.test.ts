import { defineJob, defineJobs } from "telltale";
import { createTelltale } from "telltale/server";
import { describe, expect } from "vitest";
import { z } from "zod";
import { decode } from "../../src/core/codec/codec.js";
import { queueKeys } from "../../src/queue/redis/keys.js";
import { submit } from "../../src/queue/scripts/lifecycle/submit.js";
import { claimAll, claimOne, type Harness, OUTPUT, test } from "./harness.js";

const input = { width: 1 };

async function waiting({ redis, prefix }: Harness): Promise<number> {
  const lists = ["urgent", "high", "normal", "low"].map((name) => redis.llen(`${prefix}:{resize}:waiting:${name}`));
  return (await Promise.all(lists)).reduce((sum, length) => sum + length, 0);
}

describe("idempotency", () => {
  test("a repeat with the same key and an equal input returns the existing job", async ({ h }) => {
    const { $engine } = h.telltale;
    const request = { kind: "archive", owner: "ann", idempotencyKey: "k" };
    const day = new Date(0);
    const first = await $engine.submit({ ...request, input: { from: day, to: day, b: [{ c: new Date(0), d: 2n }] } });

    const input = { b: [{ d: 2n, c: new Date(0) }], to: new Date(0), from: new Date(0) };
    const again = await $engine.submit({ ...request, input });

    expect(first.created).toBe(true);
    expect(again).toEqual({ id: first.id, status: "queued", created: false });
  });

  test.for([
    ["another value", { a: 2 }],
    ["a Date in place of a string", { a: new Date(0) }],
    ["a list in another order", { a: [2, 1] }],
    ["an additional key", { a: 1, b: undefined }],
  ] as const)("a repeat with the same key and %s is a conflict that names the job", async ([, other], { h }) => {
    const { $engine } = h.telltale;
    const request = { kind: "archive", owner: "ann", idempotencyKey: "k" };
    const { id } = await $engine.submit({ ...request, input: { a: 1 } });

    const conflict = $engine.submit({ ...request, input: other });

    await expect(conflict).rejects.toMatchObject({ code: "idempotency_conflict", data: { id } });
  });

  test("a key belongs to one kind and one owner, even if their names contain colons", async ({ h }) => {
    const { $engine } = h.telltale;
    const ids = new Set<string>();
    for (const [owner, idempotencyKey] of [
      ["a", "b:c"],
      ["a:b", "c"],
      ["c", "b:a"],
      [null, "b:c"],
      [null, "b:c:a"],
    ] as const) {
      for (const kind of ["resize", "archive"]) {
        ids.add((await $engine.submit({ kind, input, owner, idempotencyKey, uniqueKey: idempotencyKey })).id);
      }
    }

    expect(ids.size).toBe(10);
  });

  test("a hundred concurrent submits with one key create one job", async ({ h }) => {
    const submits = Array.from({ length: 100 }, () => h.telltale.resize.submit(input, { idempotencyKey: "k" }));

    const ids = new Set((await Promise.all(submits)).map((job) => job.id));

    expect(ids.size).toBe(1);
    expect(await waiting(h)).toBe(1);
  });

  test("a late repeat finds the finished job, and after its retention still learns that it existed", async ({ h }) => {
    const request = { kind: "resize", input, idempotencyKey: "k" };
    const { id } = await h.telltale.$engine.submit(request);
    await h.scripts.complete({ ...(await claimOne(h.scripts)), output: OUTPUT, pending: null });
    expect(await h.telltale.$engine.submit(request)).toEqual({ id, status: "completed", created: false });
    h.clock.advance(25 * 3_600_000);
    await h.scripts.prune();

    const later = await h.telltale.$engine.submit(request);

    expect(await h.telltale.$engine.find.read(id)).toBeNull();
    expect(later).toEqual({ id, status: "completed", created: false });
  });
});

test("a job is stored with its contract's version, attempts and queue, and keeps them in a rerun", async ({ h }) => {
  const spec = { input: z.unknown(), output: z.unknown() };
  const newer = defineJob("archive", {
    ...spec,
    version: 3,
    upgrade: { 2: (old: unknown) => old },
    retry: { attempts: 2 },
  });
  await using engine = createTelltale({
    jobs: defineJobs(newer),
    redis: h.source,
    prefix: h.prefix,
    clock: h.clock.now,
  });
  const { id } = await engine.archive.submit(1);
  const scripts = h.telltale.$engine.scripts("archive");
  const lease = await claimOne(scripts);
  await scripts.complete({ ...lease, output: OUTPUT, pending: null });

  await h.telltale.$engine.rerun(id);

  expect(lease).toMatchObject({ version: 3, attempts: 2 });
  expect(await claimOne(scripts)).toMatchObject({ id, round: 2, version: 3, attempts: 2 });
});

describe("unique keys", () => {
  test("a second unfinished job with the key is rejected, and the error names the first", async ({ h }) => {
    const { id } = await h.telltale.resize.submit(input, { uniqueKey: "u" });
    await claimOne(h.scripts);

    const second = h.telltale.resize.submit({ width: 2 }, { uniqueKey: "u" });

    await expect(second).rejects.toMatchObject({ code: "unique_conflict", data: { id } });
  });

  test("the key is free again once its job has finished, in any way", async ({ h }) => {
    await h.telltale.resize.submit(input, { uniqueKey: "u" });
    await h.scripts.complete({ ...(await claimOne(h.scripts)), output: OUTPUT, pending: null });
    const { id } = await h.telltale.resize.submit(input, { uniqueKey: "u" });
    await h.scripts.cancel(id);

    await expect(h.telltale.resize.submit(input, { uniqueKey: "u" })).resolves.toBeDefined();
  });

  test("a key whose job no longer exists in Redis can be taken", async ({ h }) => {
    const { id } = await h.telltale.resize.submit(input, { uniqueKey: "u" });
    await h.redis.del(`${h.prefix}:{resize}:job:${id}`);

    const next = await h.telltale.resize.submit(input, { uniqueKey: "u" });

    expect(next.id).not.toBe(id);
  });

  test("an idempotent repeat returns its job before the unique key is checked", async ({ h }) => {
    const options = { uniqueKey: "u", idempotencyKey: "k" };
    const first = await h.telltale.resize.submit(input, options);

    expect((await h.telltale.resize.submit(input, options)).id).toBe(first.id);
  });
});

describe("order and time", () => {
  test("jobs with higher priorities are claimed first, and one of sixteen jobs comes from the lowest list", async ({
    h,
  }) => {
    const low = await h.telltale.resize.submit(input, { priority: "low" });
    for (let i = 0; i < 40; i++) await h.telltale.resize.submit(input, { priority: i % 2 ? "urgent" : "high" });
    const order: string[] = [];
    for (let i = 0; i < 20; i++) order.push((await claimOne(h.scripts)).id);

    expect(order.indexOf(low.id)).toBe(15);
  });

  test("jobs of one priority are claimed in the order in which they were submitted", async ({ h }) => {
    const ids: string[] = [];
    for (let i = 0; i < 10; i++) ids.push((await h.telltale.resize.submit(input)).id);
    const claimed: string[] = [];
    for (let i = 0; i < 10; i++) claimed.push((await claimOne(h.scripts)).id);

    expect(claimed).toEqual(ids);
  });

  test("a delayed job is not claimed a millisecond too early", async ({ h }) => {
    const { id } = await h.telltale.resize.submit(input, { delay: "1m" });
    h.clock.advance(59_999);
    expect(await h.scripts.promote()).toEqual({ promoted: 0, nextDueInMs: 1 });
    expect(await claimAll(h.scripts)).toEqual([]);
    h.clock.advance(1);

    expect(await h.scripts.promote()).toEqual({ promoted: 1, nextDueInMs: null });
    expect((await claimOne(h.scripts)).id).toBe(id);
  });

  test("a job with runAt waits until then, and does not wait if that time has passed", async ({ h }) => {
    const at = (ms: number): Promise<{ status: string }> =>
      h.telltale.$engine.submit({ kind: "resize", input, runAt: new Date(h.clock.now() + ms) });

    expect(await at(1)).toMatchObject({ status: "scheduled" });
    expect(await at(0)).toMatchObject({ status: "queued" });
    expect(await at(-60_000)).toMatchObject({ status: "queued" });
  });
});

describe("limits", () => {
  test("submits of one tick are sent to Redis in batches of fifty", async ({ h }) => {
    const calls = async (): Promise<number> => {
      const [, evals = "0"] = /cmdstat_evalsha:calls=(\d+)/.exec(await h.redis.info("commandstats")) ?? [];
      return Number(evals);
    };
    await h.telltale.resize.submit(input);
    const before = await calls();

    await Promise.all(Array.from({ length: 120 }, () => h.telltale.resize.submit(input)));

    expect((await calls()) - before).toBe(3);
    expect(await waiting(h)).toBe(121);
  });

  test("a conflict inside a batch rejects only its own submit", async ({ h }) => {
    const submit = (width: number): Promise<unknown> => h.telltale.resize.submit({ width }, { idempotencyKey: "k" });

    const outcomes = await Promise.allSettled([submit(1), submit(2), submit(1), h.telltale.resize.submit(input)]);

    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
  });

  test("an input over 256 KB is rejected without a trace", async ({ h }) => {
    const big = h.telltale.archive.submit("x".repeat(256 * 1024));

    await expect(big).rejects.toMatchObject({ code: "too_large", data: { maxBytes: 262_144 } });
    expect(await h.redis.keys(`${h.prefix}:{archive}:job:*`)).toEqual([]);
  });

  test.for<[string, Record<string, unknown>]>([
    ["priority", { priority: "soon" }],
    ["a property of every object as priority", { priority: "constructor" }],
    ["idempotencyKey", { idempotencyKey: "a b" }],
    ["uniqueKey", { uniqueKey: "" }],
    ["a negative delay", { delayMs: -1 }],
    ["a delay of half a millisecond", { delayMs: 0.5 }],
    ["an infinite delay", { delayMs: Number.POSITIVE_INFINITY }],
    ["a delay of eleven years", { delayMs: 11 * 366 * 86_400_000 }],
    ["an invalid time", { runAt: new Date(Number.NaN) }],
    ["a time before 1970", { runAt: new Date(-1) }],
    ["both a delay and a time", { delayMs: 1, runAt: new Date(5) }],
    ["nine tags", { tags: Array.from({ length: 9 }, () => "a") }],
    ["a tag with a line break", { tags: ["a\nb"] }],
    ["an empty owner", { owner: "" }],
    ["an owner with a line break", { owner: "a\nb" }],
    ["an owner of 257 characters", { owner: "a".repeat(257) }],
  ])("an invalid option is rejected without a trace: %s", async ([, option], { h }) => {
    const refused = h.telltale.$engine.submit({ kind: "resize", input, ...option });

    await expect(refused).rejects.toMatchObject({ code: "invalid_input" });
    expect(await h.redis.keys(`${h.prefix}:{resize}:job:*`)).toEqual([]);
  });

  test("the error of an invalid input contains the path, but not the value", async ({ h }) => {
    const refused = h.telltale.$engine.submit({ kind: "resize", input: { width: "s3cret" } });

    await expect(refused).rejects.toMatchObject({
      code: "invalid_input",
      data: { issues: [{ path: ["width"], code: "invalid_type" }] },
    });
    await expect(refused).rejects.not.toThrow(/s3cret/);
  });

  test.for([
    ["a RegExp", /a/],
    ["nesting beyond every limit", JSON.parse("[".repeat(3_000) + "]".repeat(3_000))],
  ] as const)("an input that could not be read back is rejected at submit: %s", async ([, bad], { h }) => {
    await expect(h.telltale.archive.submit(bad)).rejects.toMatchObject({ code: "invalid_input" });
  });

  test.for(["then", "__proto__", "constructor", "nope", "resize\n", ""])(
    "an unknown kind is rejected: %j",
    async (kind, { h }) => {
      await expect(h.telltale.$engine.submit({ kind, input })).rejects.toMatchObject({ code: "unknown_kind" });
    },
  );
});

test("a worker receives values that JSON cannot represent as they were submitted", async ({ h }) => {
  const value = {
    at: new Date(5),
    big: 9_007_199_254_740_993n,
    map: new Map([["a", new Set([-0, Number.NaN])]]),
    list: [],
    none: undefined,
  };
  await h.telltale.archive.submit(value);

  const leased = await claimOne(h.telltale.$engine.scripts("archive"));

  expect(decode(leased.input)).toStrictEqual(value);
});

test("text that looks like a protocol, a script or a number is stored unchanged", async ({ h }) => {
  const texts = [
    "\r\n*1\r\n$8\r\nFLUSHALL\r\n",
    "\"..redis.call('FLUSHALL')..\"",
    "]]--[[%s",
    "0x1p9",
    "nan",
    "",
    "\u0000",
  ];
  for (const text of texts) await h.telltale.archive.submit(text, { owner: `o-${text.replaceAll("\n", "")}` });

  const scripts = h.telltale.$engine.scripts("archive");
  const stored = [];
  for (const _ of texts) stored.push(decode((await claimOne(scripts)).input));

  expect(stored).toEqual(texts);
});

test.for([
  ["one too few", (args: readonly (string | number)[]) => args.slice(0, -1)],
  ["one too many", (args: readonly (string | number)[]) => [...args, ""]],
  ["none", (args: readonly (string | number)[]) => args.slice(0, 2)],
] as const)(
  "a call with %s of the fields that describe its jobs is refused, and writes nothing",
  async ([, change], { h }) => {
    const jobs = [await h.telltale.$engine.prepare({ kind: "resize", input })];
    const keys = queueKeys(h.prefix, "resize").all;
    const args = change([
      ...submit.args({ jobs, maxWaiting: null }, ""),
      ...submit.args({ jobs, maxWaiting: null }, "").slice(2),
    ]);

    const refused = h.redis.eval(submit.source, keys.length, ...keys, ...args);

    await expect(refused).rejects.toThrow(/TELLTALE got \d+ job arguments, which is not a multiple of \d+/);
    expect(await h.redis.keys(`${h.prefix}:*:job:*`)).toEqual([]);
  },
);
