import { createTcpProxy, waitFor } from "@telltale/testkit";
import { createTelltale } from "telltale/server";
import { expect } from "vitest";
import { claimOne, type Harness, harness, jobs, test } from "./harness.js";

const items = (count: number) => Array.from({ length: count }, (_, width) => ({ input: { width } }));

async function waiting({ redis, prefix }: Harness, queue = "resize"): Promise<number> {
  return redis.llen(`${prefix}:{${queue}}:waiting:normal`);
}

async function scriptCalls({ redis }: Harness): Promise<number> {
  const [, calls = "0"] = /cmdstat_evalsha:calls=(\d+)/.exec(await redis.info("commandstats")) ?? [];
  return Number(calls);
}

test("one call submits five thousand jobs, each once, and they wait in the given order", async ({ h }) => {
  const outcomes = await h.telltale.resize.submitMany(items(5_000));

  const ids = outcomes.map((outcome) => (outcome.ok ? outcome.job.id : outcome.error.code));
  expect(new Set(ids).size).toBe(5_000);
  expect(await waiting(h)).toBe(5_000);
  for (const id of ids.slice(0, 120)) expect((await claimOne(h.scripts)).id).toBe(id);
});

test("submitting an empty list returns an empty list", async ({ h }) => {
  expect(await h.telltale.resize.submitMany([])).toEqual([]);
});

test("one invalid item rejects the whole call, with the index of the item, and nothing is stored", async ({ h }) => {
  const given = items(600);
  given[570] = { input: { width: 0.5 } };

  await expect(h.telltale.resize.submitMany(given)).rejects.toMatchObject({
    code: "invalid_input",
    data: { index: 570, issues: [{ path: ["width"] }] },
  });
  await expect(
    h.telltale.resize.submitMany([...items(1), { input: { width: 1 }, options: { tags: ["a b"] } }]),
  ).rejects.toMatchObject({ code: "invalid_input", data: { index: 1 } });
  await expect(h.telltale.archive.submitMany([{ input: "x".repeat(300_000) }])).rejects.toMatchObject({
    code: "too_large",
    data: { index: 0 },
  });

  expect(await h.redis.keys(`${h.prefix}:*:job:*`)).toEqual([]);
});

test("an item that the queue refuses gets its own error, and the others are submitted", async ({ h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 }, { uniqueKey: "u", idempotencyKey: "k" });

  const outcomes = await h.telltale.resize.submitMany([
    { input: { width: 5 } },
    { input: { width: 5 }, options: { uniqueKey: "u" } },
    { input: { width: 1 }, options: { idempotencyKey: "k" } },
    { input: { width: 2 }, options: { idempotencyKey: "k" } },
    { input: { width: 5 }, options: { delay: "1m", owner: "ann" } },
  ]);

  expect(outcomes).toMatchObject([
    { ok: true },
    { ok: false, error: { code: "unique_conflict" } },
    { ok: true, job: { id } },
    { ok: false, error: { code: "idempotency_conflict" } },
    { ok: true },
  ]);
  const last = outcomes[4]?.ok ? outcomes[4].job.id : "";
  expect(await h.telltale.$engine.find.read(last)).toMatchObject({ status: "scheduled", owner: "ann" });
});

test("150 inputs of 250 KB are submitted in one call", async ({ h }) => {
  const input = "x".repeat(250_000);

  const outcomes = await h.telltale.archive.submitMany(Array.from({ length: 150 }, () => ({ input })));

  expect(outcomes.filter(({ ok }) => ok)).toHaveLength(150);
  expect(await waiting(h, "archive")).toBe(150);
});

test("a Redis that does not reply gets at most four calls at a time", async ({ server, h }) => {
  await using proxy = await createTcpProxy({ target: { path: server.socketPath } });
  await using behind = await harness(proxy.url);
  await behind.telltale.resize.submit({ width: 0 });
  const before = await scriptCalls(h);

  proxy.blackhole("down");
  const submitted = Promise.all(items(2_000).map(({ input }) => behind.telltale.resize.submit(input)));
  const calls = await waitFor(async () => {
    const made = (await scriptCalls(h)) - before;
    return made >= 4 && made;
  });
  proxy.pass();

  expect(calls).toBe(4);
  expect(new Set((await submitted).map(({ id }) => id)).size).toBe(2_000);
});

test("a reply that is lost in the middle creates no duplicate jobs", async ({ server, h }) => {
  await using proxy = await createTcpProxy({ target: { path: server.socketPath } });
  await using behind = await harness(proxy.url, { prefix: h.prefix });
  const lost = proxy.dropReplyOnce({ containing: '"width":333}' });

  const outcomes = await behind.telltale.resize.submitMany(items(500));
  await lost;

  expect(outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.error]))).toEqual([]);
  expect(new Set(outcomes.map((outcome) => outcome.ok && outcome.job.id)).size).toBe(500);
  expect(await waiting(h)).toBe(500);
});

test("an unreachable Redis is reported at once for all jobs, not batch after batch", async () => {
  await using telltale = createTelltale({ jobs, redis: "redis://127.0.0.1:1", logger: false });

  const many = telltale.resize.submitMany(items(5_000));
  const single = Promise.allSettled(items(5_000).map(({ input }) => telltale.resize.submit(input)));

  const codes = new Set((await many).map((outcome) => (outcome.ok ? "ok" : outcome.error.code)));
  expect(codes).toEqual(new Set(["redis_unavailable"]));
  expect((await single).every(({ status }) => status === "rejected")).toBe(true);
});
