import { createTcpProxy, testRedis } from "@telltale/testkit";
import type { PreparedJob } from "telltale";
import { createTelltale } from "telltale/server";
import { describe, expect } from "vitest";
import { decode, encode } from "../../src/core/codec/codec.js";
import { submit } from "../../src/queue/scripts/lifecycle/submit.js";
import { claimAll, claimOne, type Harness, harness, jobs, OUTPUT, test } from "./harness.js";

const input = { width: 1 };

/** Converts a row as a JSON column of a database does. */
function kept(prepared: PreparedJob): unknown {
  return JSON.parse(JSON.stringify(prepared));
}

async function run(h: Harness): Promise<void> {
  await h.scripts.complete({ ...(await claimOne(h.scripts)), output: OUTPUT, pending: null });
}

test("any process can submit a prepared job as it was prepared, and repeating the submit creates no second job", async ({
  server,
  h,
}) => {
  const options = { owner: "ann", priority: "high", tags: ["a", "b"] } as const;
  const prepared = await h.telltale.resize.prepare(input, options);
  await using relay = await harness(server.url, { prefix: h.prefix });

  const job = await relay.telltale.submitPrepared(kept(prepared));

  expect(job.id).toBe(prepared.id);
  const leased = await claimOne(h.scripts);
  expect(leased).toMatchObject({ id: job.id, kind: "resize", owner: "ann", tags: ["a", "b"] });
  expect(decode(leased.input)).toEqual(input);
});

test("values that JSON cannot represent survive a JSON column", async ({ h }) => {
  const value = { at: new Date(5), big: 9_007_199_254_740_993n, none: undefined, list: [], zero: -0 };

  await h.telltale.submitPrepared(kept(await h.telltale.archive.prepare(value)));

  expect(decode((await claimOne(h.telltale.$engine.scripts("archive"))).input)).toStrictEqual(value);
});

test("preparing needs no Redis, and rejects what a submit would reject", async () => {
  await using away = createTelltale({ jobs, redis: "redis://127.0.0.1:1", logger: false });

  await expect(away.resize.prepare(input)).resolves.toMatchObject({ v: 1, kind: "resize" });
  // @ts-expect-error what is refused at run time does not compile either
  await expect(away.resize.prepare({ width: "1" })).rejects.toMatchObject({ code: "invalid_input" });
  await expect(away.resize.prepare(input, { tags: ["a b"] })).rejects.toMatchObject({ code: "invalid_input" });
  await expect(away.archive.prepare("x".repeat(300_000))).rejects.toMatchObject({ code: "too_large" });
});

describe("repeated submits", () => {
  test("a relay that runs twice creates one job, even if the job has finished or was pruned", async ({ h }) => {
    const row = kept(await h.telltale.resize.prepare(input));
    const { id } = await h.telltale.submitPrepared(row);
    const again = [await h.telltale.submitPrepared(row)];
    await run(h);
    again.push(await h.telltale.submitPrepared(row));
    h.clock.advance(25 * 3_600_000);
    await h.scripts.prune();
    expect(await h.telltale.$engine.find.read(id)).toBeNull();
    again.push(await h.telltale.submitPrepared(row));

    expect(again.map((job) => job.id)).toEqual([id, id, id]);
    expect(await claimAll(h.scripts)).toEqual([]);
  });

  test("two concurrent relays create one job per row", async ({ server, h }) => {
    const rows = await Promise.all(
      Array.from({ length: 100 }, async (_, width) => kept(await h.telltale.resize.prepare({ width }))),
    );
    await using one = await harness(server.url, { prefix: h.prefix });
    await using two = await harness(server.url, { prefix: h.prefix });

    const relayed = await Promise.all(
      [one, two].map(({ telltale }) => Promise.all(rows.map((row) => telltale.submitPrepared(row)))),
    );

    const ids = relayed.map((handles) => handles.map(({ id }) => id));
    expect(ids[0]).toEqual(ids[1]);
    expect(await h.redis.llen(`${h.prefix}:{resize}:waiting:normal`)).toBe(100);
  });

  test("after a relay crashed before it got its reply, the next one creates no duplicates", async ({ server, h }) => {
    const row = kept(await h.telltale.resize.prepare(input));
    await using proxy = await createTcpProxy({ target: { path: server.socketPath } });
    const dying = await harness(proxy.url, { prefix: h.prefix });
    const executed = proxy.dropReplyOnce({ containing: submit.sha });
    const unanswered = dying.telltale.submitPrepared(row).catch((error: unknown) => error);
    await executed;
    await dying[Symbol.asyncDispose]();
    await run(h);

    const { id } = await h.telltale.submitPrepared(row);

    expect(await unanswered).toMatchObject({ name: "TelltaleError" });
    expect(await h.telltale.$engine.find.read(id)).toMatchObject({ status: "completed" });
    expect(await claimAll(h.scripts)).toEqual([]);
  });

  test("the job is submitted even if Redis lost all data between the commit and the submit", async ({ h }) => {
    const row = kept(await h.telltale.resize.prepare(input));
    await using other = await testRedis();
    await using relay = await harness(other.url);

    const { id } = await relay.telltale.submitPrepared(row);

    expect((await claimOne(relay.scripts)).id).toBe(id);
  });

  test("the caller's own idempotency key works as with a submit", async ({ h }) => {
    const options = { idempotencyKey: "order-1", owner: "ann" };
    const first = await h.telltale.submitPrepared(await h.telltale.resize.prepare(input, options));

    const again = await h.telltale.submitPrepared(await h.telltale.resize.prepare(input, options));
    const submitted = await h.telltale.resize.submit(input, options);
    const other = h.telltale.submitPrepared(await h.telltale.resize.prepare({ width: 2 }, options));

    expect([again.id, submitted.id]).toEqual([first.id, first.id]);
    await expect(other).rejects.toMatchObject({ code: "idempotency_conflict" });
  });

  test("a unique key is held from the submit, not from the preparation", async ({ h }) => {
    const options = { uniqueKey: "u" };
    const one = await h.telltale.resize.prepare(input, options);
    const two = await h.telltale.resize.prepare(input, options);
    await h.telltale.submitPrepared(one);

    await expect(h.telltale.submitPrepared(two)).rejects.toMatchObject({ code: "unique_conflict" });
  });
});

describe("time", () => {
  test("a delay counts from the preparation of the job", async ({ h }) => {
    const soon = await h.telltale.resize.prepare(input, { delay: "1m" });
    const passed = await h.telltale.resize.prepare(input, { delay: "10s" });
    h.clock.advance(40_000);
    await h.telltale.submitPrepared(kept(soon));
    const due = await h.telltale.submitPrepared(kept(passed));

    expect((await claimAll(h.scripts)).map(({ id }) => id)).toEqual([due.id]);
    expect(await h.scripts.promote()).toEqual({ promoted: 0, nextDueInMs: 20_000 });
  });

  test("without an injected clock, a delay counts by the clock of this process", async ({ server }) => {
    await using telltale = createTelltale({ jobs, redis: server.url });
    const before = Date.now();

    const { runAtMs } = await telltale.resize.prepare(input, { delay: "1h" });

    expect(runAtMs).toBeGreaterThanOrEqual(before + 3_600_000);
    expect(runAtMs).toBeLessThanOrEqual(Date.now() + 3_600_000);
  });

  test("a job with runAt is submitted for that time", async ({ h }) => {
    const runAt = new Date(h.clock.now() + 5_000);

    await h.telltale.submitPrepared(kept(await h.telltale.resize.prepare(input, { runAt })));

    expect(await h.scripts.promote()).toEqual({ promoted: 0, nextDueInMs: 5_000 });
  });
});

describe("a prepared job from a database", () => {
  test.for<[string, (row: Record<string, unknown>) => unknown]>([
    ["nothing", () => null],
    ["a JSON string", (row) => JSON.stringify(row)],
    ["a layout of another version", (row) => ({ ...row, v: 2 })],
    ["no layout", ({ v: _, ...row }) => row],
    ["an unknown field", (row) => ({ ...row, fence: 1 })],
    ["an invalid id", (row) => ({ ...row, id: "resize_1" })],
    ["an id of another kind", (row) => ({ ...row, id: String(row.id).replace("resize", "archive") })],
    ["an owner with a line break", (row) => ({ ...row, owner: "a\nb" })],
    ["a key with a line break", (row) => ({ ...row, idempotencyKey: "a\nb" })],
    ["no key", (row) => ({ ...row, idempotencyKey: null })],
    ["a date out of range", (row) => ({ ...row, runAtMs: 1e300 })],
    ["a property of every object as priority", (row) => ({ ...row, priority: "constructor" })],
    ["nine tags", (row) => ({ ...row, tags: Array.from("123456789") })],
    ["an input that is not encoded", (row) => ({ ...row, input: { width: 1 } })],
    ["an input that is not JSON", (row) => ({ ...row, input: "{" })],
    ["an input of forbidden types", (row) => ({ ...row, input: '{"json":"a","meta":{"values":["regexp"]}}' })],
    ["an input that does not match the contract", (row) => ({ ...row, input: encode({ width: 0.5 }) })],
    ["an input over its size limit", (row) => ({ ...row, input: encode("x".repeat(300_000)) })],
  ])("is rejected without a trace: %s", async ([, tamper], { h }) => {
    const row = { ...(await h.telltale.resize.prepare(input)) };

    await expect(h.telltale.submitPrepared(tamper(row))).rejects.toMatchObject({ code: "invalid_input" });

    expect(await h.redis.keys(`${h.prefix}:*:job:*`)).toEqual([]);
  });

  test("with a line break in a limit key is rejected, and the jobs that are submitted at the same time are not", async ({
    h,
  }) => {
    const row = await h.telltale.resize.prepare(input);
    // The limit keys of a row from another version of the contract are kept.
    const bad = { ...row, version: 2, limitKeys: { concurrency: "resize:a\nowner=ann", rate: null } };

    const [refused, accepted] = await Promise.allSettled([
      h.telltale.submitPrepared(bad),
      h.telltale.submitPrepared(await h.telltale.resize.prepare(input)),
    ]);

    expect(refused).toMatchObject({ reason: { code: "invalid_input" } });
    expect(accepted).toMatchObject({ status: "fulfilled" });
  });

  test.for(["nope", "constructor", "then"])("of the kind %s is rejected as an unknown kind", async (kind, { h }) => {
    const row = await h.telltale.resize.prepare(input);

    const refused = h.telltale.submitPrepared({ ...row, kind, id: row.id.replace("resize", kind) });

    await expect(refused).rejects.toMatchObject({ code: "unknown_kind" });
  });

  test("gets an error with the path of the mistake, but not the value", async ({ h }) => {
    const row = await h.telltale.resize.prepare(input);

    const refused = h.telltale.submitPrepared({ ...row, owner: "s3cret\n" });

    await expect(refused).rejects.toMatchObject({ data: { issues: [{ path: ["owner"] }] } });
    await expect(refused).rejects.not.toThrow(/s3cret/);
  });
});
