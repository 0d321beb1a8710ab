import { type JobLogLine, LOG_LIMITS } from "telltale";
import { expect } from "vitest";
import type { LoggedLine } from "../../src/queue/scripts/log/log.js";
import { claimOne, ERROR, type Harness, harness, LEASE_MS, OUTPUT, test } from "./harness.js";

type Lease = Awaited<ReturnType<typeof claimOne>>;

const line = (number: number, message = `line ${number}`, ageMs = 0): LoggedLine => ({
  ...{ number, ageMs, level: "info", data: "" },
  message: JSON.stringify(message),
});
const lines = (from: number, count: number): LoggedLine[] => Array.from({ length: count }, (_, i) => line(from + i));

async function running(h: Harness): Promise<Lease> {
  await h.telltale.resize.submit({ width: 1 });
  return claimOne(h.scripts);
}

const finish = (h: Harness, lease: Lease): Promise<void> =>
  h.scripts.complete({ ...lease, output: OUTPUT, pending: null });

async function read(feed: AsyncIterable<JobLogLine>): Promise<string[]> {
  const seen: string[] = [];
  for await (const { n, message, dropped } of feed)
    seen.push(`${n} ${message}${dropped ? ` (${dropped} dropped)` : ""}`);
  return seen;
}

const stored = (h: Harness, id: string, after?: string): Promise<string[]> =>
  read(h.telltale.resize.job(id).logs({ after }));
const followed = (h: Harness, id: string, after?: string): Promise<string[]> =>
  read(h.telltale.resize.job(id).logs({ after, follow: true }));

test("a job's log can be read while it runs and afterwards, with times, levels and data", async ({ h }) => {
  const lease = await running(h);
  const at = h.clock.now();
  await h.scripts.log({
    ...lease,
    lines: [line(1, "start", 30), { ...line(2, "order"), level: "warn", data: '{"a":[1]}' }],
  });
  const during = await stored(h, lease.id);
  await finish(h, lease);

  const job = h.telltale.resize.job(lease.id);
  const all: JobLogLine[] = [];
  for await (const one of job.logs()) all.push(one);

  expect(during).toEqual(["1 start", "2 order"]);
  expect(all).toEqual([
    { id: lease.id, n: 1, at: at - 30, round: 1, attempt: 1, level: "info", message: "start" },
    { id: lease.id, n: 2, at, round: 1, attempt: 1, level: "warn", message: "order", data: { a: [1] } },
  ]);
});

test("a follower gets every line in order as it is logged, and then the end", async ({ h }) => {
  const lease = await running(h);
  await h.scripts.log({ ...lease, lines: lines(1, 2) });
  const log = h.telltale.resize.job(lease.id).logs({ follow: true });
  const seen = [(await log.next()).value, (await log.next()).value];
  const parked = log.next();
  await h.scripts.log({ ...lease, lines: lines(3, 1) });
  seen.push((await parked).value);
  const end = log.next();
  await finish(h, lease);

  expect(await end).toMatchObject({ done: true });
  expect(seen.map((one) => one?.message)).toEqual(["line 1", "line 2", "line 3"]);
});

test("a thousand lines that are logged while a follower reads arrive once and in order", async ({ h }) => {
  const lease = await running(h);
  const reading = followed(h, lease.id);
  for (let from = 1; from <= 1_000; from += 10) await h.scripts.log({ ...lease, lines: lines(from, 10) });
  await finish(h, lease);

  expect(await reading).toEqual(Array.from({ length: 1_000 }, (_, i) => `${i + 1} line ${i + 1}`));
});

test("lines whose messages were lost are read from Redis", async ({ server }) => {
  await using h = await harness(server.url, { positionCheckMs: 100 });
  const lease = await running(h);
  const log = h.telltale.resize.job(lease.id).logs({ follow: true });
  await h.scripts.log({ ...lease, lines: lines(1, 1) });
  await log.next();
  const next = log.next();

  // As the script writes it, but without publishing it.
  await h.redis.rpush(`${h.prefix}:{resize}:logs:${lease.id}`, `2\n${h.clock.now()}\n1\n1\ninfo\n"late"`);

  expect((await next).value).toMatchObject({ n: 2, message: "late" });
  await log.return?.();
});

test("lines arrive while the follower's connection is killed again and again", async ({ h }) => {
  const lease = await running(h);
  const reading = followed(h, lease.id);
  for (let number = 1; number <= 60; number++) {
    if (number % 10 === 0) await h.redis.call("CLIENT", "KILL", "TYPE", "pubsub");
    await h.scripts.log({ ...lease, lines: lines(number, 1) });
  }
  await finish(h, lease);

  expect(await reading).toHaveLength(60);
});

test("a reader that resumes after any line gets exactly the remaining ones, following or not", async ({ h }) => {
  const lease = await running(h);
  for (let number = 1; number <= 10; number++) {
    h.clock.advance(1);
    await h.scripts.log({ ...lease, lines: lines(number, 1) });
  }
  await finish(h, lease);
  const log = h.telltale.resize.job(lease.id).logs();
  const positions: string[] = [];
  for await (const _ of log) positions.push(log.position ?? "");

  for (const [k, position] of positions.entries()) {
    const rest = Array.from({ length: 9 - k }, (_, i) => `${k + 2 + i} line ${k + 2 + i}`);
    expect(await stored(h, lease.id, position)).toEqual(rest);
    expect(await followed(h, lease.id, position)).toEqual(rest);
  }
});

test.for(["", "garbage", "zzz:1", "0:1", "zzzzzzzzzz:999999999999", "lll1:99"])(
  "a position that does not belong to this log starts with the first line: %j",
  async (after, { h }) => {
    const lease = await running(h);
    await h.scripts.log({ ...lease, lines: lines(1, 2) });
    await finish(h, lease);

    expect(await stored(h, lease.id, after)).toEqual(["1 line 1", "2 line 2"]);
    expect(await followed(h, lease.id, after)).toEqual(["1 line 1", "2 line 2"]);
  },
);

test("lines that are sent again are stored once, and those of the next attempt and round follow them", async ({
  h,
}) => {
  const lease = await running(h);
  await h.scripts.log({ ...lease, lines: lines(1, 2) });
  await h.scripts.log({ ...lease, lines: lines(1, 2) });
  await h.scripts.log({ ...lease, lines: lines(2, 2) });
  await h.scripts.fail({ ...lease, error: ERROR, retryInMs: 1, pending: null });
  h.clock.advance(1);
  await h.scripts.promote();
  const second = await claimOne(h.scripts);
  await h.scripts.log({ ...second, lines: [line(1, "second attempt")] });
  await finish(h, second);
  await h.telltale.$engine.rerun(lease.id);
  const third = await claimOne(h.scripts);
  await h.scripts.log({ ...third, lines: [line(1, "second round")] });

  const all: JobLogLine[] = [];
  for await (const one of h.telltale.resize.job(lease.id).logs()) all.push(one);

  expect(all.map(({ n, round, attempt, message }) => [n, round, attempt, message])).toEqual([
    [1, 1, 1, "line 1"],
    [2, 1, 1, "line 2"],
    [3, 1, 1, "line 3"],
    [4, 1, 2, "second attempt"],
    [5, 2, 1, "second round"],
  ]);
});

test("a follower that saw the end of a round gets the lines of the next one after them", async ({ h }) => {
  const lease = await running(h);
  await h.scripts.log({ ...lease, lines: lines(1, 2) });
  await finish(h, lease);
  const log = h.telltale.resize.job(lease.id).logs({ follow: true });
  await read(log);
  await h.telltale.$engine.rerun(lease.id);
  const again = await claimOne(h.scripts);
  const reading = followed(h, lease.id, log.position);
  await h.scripts.log({ ...again, lines: [line(1, "again")] });
  await finish(h, again);

  expect(await reading).toEqual(["3 again"]);
});

test("a log keeps its latest thousand lines, and a reader is told how many are gone", async ({ h }) => {
  const lease = await running(h);
  for (let from = 1; from <= 1_200; from += 100) await h.scripts.log({ ...lease, lines: lines(from, 100) });

  const seen = await stored(h, lease.id);

  expect(seen).toHaveLength(LOG_LIMITS.lines);
  expect(seen.slice(0, 2)).toEqual(["201 line 201 (200 dropped)", "202 line 202"]);
  expect(seen.at(-1)).toBe("1200 line 1200");
});

test("a log keeps at most 256 KB, and drops its oldest lines", async ({ h }) => {
  const lease = await running(h);
  for (let number = 1; number <= 40; number++) {
    await h.scripts.log({ ...lease, lines: [line(number, "x".repeat(10_000))] });
  }

  const kept = await h.redis.lrange(`${h.prefix}:{resize}:logs:${lease.id}`, 0, -1);

  const bytes = kept.reduce((sum, one) => sum + Buffer.byteLength(one), 0);
  expect(bytes).toBeLessThanOrEqual(LOG_LIMITS.bytes);
  expect(bytes).toBeGreaterThan(LOG_LIMITS.bytes - 11_000);
  expect(kept.at(-1)).toMatch(/^40\n/);
});

test("a reader whose next lines were dropped meanwhile continues with the oldest one that is left", async ({ h }) => {
  const lease = await running(h);
  await h.scripts.log({ ...lease, lines: lines(1, 3) });
  const log = h.telltale.resize.job(lease.id).logs({ follow: true });
  await log.next();
  await log.return?.();
  for (let from = 4; from <= 1_303; from += 100) await h.scripts.log({ ...lease, lines: lines(from, 100) });
  await finish(h, lease);

  const rest = await followed(h, lease.id, log.position);

  expect(rest[0]).toBe("304 line 304 (302 dropped)");
  expect(rest).toHaveLength(1_000);
  expect(await stored(h, lease.id, log.position)).toEqual(rest);
});

test("numbers that a worker left out are shown as dropped lines", async ({ h }) => {
  const lease = await running(h);
  await h.scripts.log({ ...lease, lines: [line(1), line(50), line(51)] });
  await h.scripts.log({ ...lease, lines: [line(60)] });
  const reading = followed(h, lease.id);
  await h.scripts.log({ ...lease, lines: [line(70)] });
  await finish(h, lease);

  const seen = [
    "1 line 1",
    "50 line 50 (48 dropped)",
    "51 line 51",
    "60 line 60 (8 dropped)",
    "70 line 70 (9 dropped)",
  ];
  expect(await reading).toEqual(seen);
  expect(await stored(h, lease.id)).toEqual(seen);
});

test("a worker that lost its lease stores no lines", async ({ h }) => {
  const lease = await running(h);
  h.clock.advance(LEASE_MS + 1);
  await h.scripts.reclaim(LEASE_MS);

  await expect(h.scripts.log({ ...lease, lines: lines(1, 1) })).rejects.toMatchObject({ code: "lease_lost" });
  await expect(h.scripts.markLog({ ...lease, lines: lines(1, 1) })).rejects.toMatchObject({ code: "lease_lost" });
  expect(await stored(h, lease.id)).toEqual([]);
});

test("a log is deleted with its job, and reading it then rejects", async ({ h }) => {
  const lease = await running(h);
  await h.scripts.log({ ...lease, lines: lines(1, 3) });
  await finish(h, lease);
  await h.telltale.$engine.remove(lease.id);

  expect(await h.redis.exists(`${h.prefix}:{resize}:logs:${lease.id}`)).toBe(0);
  await expect(stored(h, lease.id)).rejects.toMatchObject({ code: "not_found" });
  await expect(followed(h, lease.id)).rejects.toMatchObject({ code: "not_found" });
});

test("a job without a log has none of its keys, and a follower only gets the end", async ({ h }) => {
  const lease = await running(h);
  const reading = followed(h, lease.id);
  await finish(h, lease);

  expect(await reading).toEqual([]);
  expect(await stored(h, lease.id)).toEqual([]);
  expect(await h.redis.hexists(`${h.prefix}:{resize}:job:${lease.id}`, "log")).toBe(0);
});

test("lines that something else wrote are skipped, and a key of another type is replaced", async ({ h }) => {
  const lease = await running(h);
  const key = `${h.prefix}:{resize}:logs:${lease.id}`;
  await h.redis.set(key, "not a list");
  expect(await stored(h, lease.id)).toEqual([]);
  await h.scripts.log({ ...lease, lines: lines(1, 1) });
  await h.redis.rpush(key, `2\n1\n1\n1\nloud\n"x"`, `3\n1\n1\n1\ninfo\nnot json`);
  await h.scripts.log({ ...lease, lines: lines(2, 1) });
  await h.redis.rpush(key, "garbage");

  expect(await stored(h, lease.id)).toEqual(["1 line 1", "2 line 2"]);
});
