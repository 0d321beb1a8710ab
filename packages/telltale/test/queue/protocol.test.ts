import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { changeRecord, createClock, recordFields } from "@telltale/testkit";
import { defineJob, defineJobs, defineQueue, LIMITS, PRIORITIES } from "telltale";
import { createTelltale } from "telltale/server";
import { expect } from "vitest";
import { z } from "zod";
import { encode } from "../../src/core/codec/codec.js";
import { silentLogger } from "../../src/core/logger.js";
import { ScheduleFiring } from "../../src/queue/schedules/schedule-firing.js";
import { claimOne, ERROR, LINE, OUTPUT, test } from "./harness.js";

const page = readFileSync(new URL("../../../../docs/protocol.md", import.meta.url), "utf8");

/** Names in code style. Placeholders such as `<id>` match anything. */
const namesIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
const section = (title: string): string => page.split(`\n## ${title}\n`)[1]?.split("\n## ")[0] ?? "";
const rowsOf = (title: string): string[][] =>
  section(title)
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split(" | "));

/** Each key on the page with its type. */
const KEYS = [...rowsOf("Keys of a queue"), ...rowsOf("Keys of jobs, limits and claim loops")].flatMap(
  ([names = "", type = ""]) =>
    namesIn(names).map((name) => ({ name, type, pattern: new RegExp(`^${name.replaceAll(/<\w+>/g, ".+")}$`, "s") })),
);
const RECORD = rowsOf("The record of a job");
const isPart = ([names = ""]: readonly string[]): boolean => /^\| `\w+\./.test(names);
const FIELDS = RECORD.filter((row) => !isPart(row)).flatMap(([names = ""]) => namesIn(names));
// Parts of the lines `state` and `job`, such as `state.seq`.
const PARTS = RECORD.filter(isPart).flatMap(([names = ""]) => namesIn(names).map((name) => name.replace(/^\w+\./, "")));
// The fields of meta have their own paragraph, which also contains the value `1`.
const META = namesIn(section("Keys of a queue").split("**`meta`**")[1] ?? "").filter((name) => name !== "1");

const tenant = defineJob("tenant", {
  input: z.object({ tenant: z.string() }),
  chunk: z.unknown(),
  output: z.unknown(),
  limits: {
    concurrency: { key: (input) => input.tenant, max: 1 },
    rate: { key: (input) => input.tenant, max: 5, per: "1m" },
  },
  queue: defineQueue("all", { concurrency: 4, rate: { max: 100, per: "1m" } }),
});
const plain = defineJob("plain", { input: z.unknown(), output: z.unknown(), queue: tenant.queue });

test("the page lists every key and field that a queue writes with its type, and no others", async ({
  server,
  h: { redis },
}) => {
  const clock = createClock();
  const prefix = `t${randomBytes(4).toString("hex")}`;
  const jobs = defineJobs(tenant, plain);
  await using telltale = createTelltale({ jobs, redis: server.url, prefix, clock: () => clock.now() });
  await telltale.$ready();
  const engine = telltale.$engine;
  const scripts = engine.scripts("all");
  const base = `${prefix}:{all}:`;
  const seen = {
    keys: new Set<string>(),
    fields: new Set<string>(),
    parts: new Set<string>(),
    meta: new Set<string>(),
  };
  const unknown: string[] = [];

  async function look(): Promise<void> {
    for (const key of await redis.keys(`${base}*`)) {
      const name = key.slice(base.length);
      const type = await redis.type(key);
      // The last match, because the record of a fired instant also matches the pattern of an idempotency record.
      const known = KEYS.filter(({ pattern }) => pattern.test(name)).at(-1);
      if (known?.type !== type) unknown.push(`${type} ${name}`);
      if (known) seen.keys.add(known.name);
      if (type !== "hash" || /^(unique|schedules|outstanding|history|totals|minutes:.*|hours:.*)$/.test(name)) continue;
      const hash = await redis.hgetall(key);
      for (const field of Object.keys(hash)) seen[name === "meta" ? "meta" : "fields"].add(field);
      if (name !== "meta") for (const part of Object.keys(recordFields(hash))) seen.parts.add(part);
    }
  }
  const fail = (lease: { id: string; fence: number }, retryInMs: number | null) =>
    scripts.fail({ ...lease, error: ERROR, retryInMs, pending: null });

  for (const priority of PRIORITIES) {
    await telltale.plain.submit(1, { priority });
    await telltale.plain.submit(1, { priority, delay: 10 });
    await telltale.tenant.submit({ tenant: "a" }, { priority });
  }
  const options = { owner: "ann", tags: ["t"], idempotencyKey: "k", uniqueKey: "u" };
  const first = await telltale.plain.submit(1, { ...options, startWithin: "1h", delay: 10 });
  const late = await telltale.plain.submit(1, { startWithin: 1, tags: ["t"] });
  const quota = { account: "address:a", jobs: 9, bytes: 900 };
  await engine.store({ ...(await engine.prepare({ kind: "plain", input: 1, quota })), depth: 1 });
  await look();
  clock.advance(10);
  await scripts.expire();
  await scripts.promote();
  // The queue runs four jobs, and one per key. Then it is full, and the group of the key is parked.
  const leases = await held();
  await look();
  for (const lease of leases) {
    await scripts.progress({ ...lease, n: 1, progress: encode(1) });
    await scripts.chunk({ ...lease, first: 1, pieces: ["1", "x".repeat(LIMITS.jobChunkBytes)] });
    await scripts.log({ ...lease, lines: [LINE] });
    await look();
    await engine.cancel(lease.id);
    await look();
    await fail(lease, null);
  }
  for (let lease = await next(); lease; lease = await next()) {
    await look();
    if (lease.id === first.id && lease.attempt === 1) await fail(lease, 1);
    else if (lease.id === first.id) await fail(lease, null);
    else await scripts.complete({ ...lease, output: OUTPUT, pending: null });
    clock.advance(10);
    await scripts.promote();
  }
  await look();
  await telltale.$schedules.set("often", { job: plain, input: 1, every: "1m" });
  clock.advance(61_000);
  await new ScheduleFiring(engine, "all", { logger: silentLogger }).fireDue();
  const spoilt = await telltale.plain.submit(1);
  await changeRecord(redis, `${base}job:${spoilt.id}`, { status: "spoilt" });
  await held();
  await look();
  await scripts.condemn();
  await scripts.pause();
  clock.advance(-3_600_000);
  await telltale.plain.submit(1);
  await look();
  const useless = await Promise.all(Array.from({ length: 1_100 }, () => telltale.plain.submit(1)));
  await Promise.all(useless.map((job) => job.cancel()));
  for (let more = true; more; ) {
    ({ more } = await scripts.compact());
    await look();
  }
  clock.advance(2 * 3_600_000);
  await scripts.reclaim(30_000);
  expect(await scripts.obliterate(1)).toEqual(["obliterated", 1, 1]);
  await look();

  expect(await engine.find.read(late.id)).toMatchObject({ status: "cancelled" });
  expect(unknown).toEqual([]);
  expect([...seen.keys].sort()).toEqual(KEYS.map(({ name }) => name).sort());
  expect([...seen.fields].sort()).toEqual(FIELDS.toSorted());
  expect([...seen.parts].filter((name) => !seen.fields.has(name)).sort()).toEqual(PARTS.toSorted());
  expect([...seen.meta].sort()).toEqual(META.toSorted());

  async function next() {
    return claimOne(scripts).catch(() => null);
  }

  async function held() {
    const claimed = [];
    for (let lease = await next(); lease; lease = await next()) claimed.push(lease);
    return claimed;
  }
});

test("the page lists every key of the registry of workers with its type", async ({
  h: { redis, telltale, prefix },
}) => {
  const { workers } = telltale.$engine;
  await workers.beat({ entry: "web a", record: "{}", startedAt: null });
  await workers.drain("web");
  const base = `${prefix}:{workers}:`;

  const keys = (await redis.keys(`${base}*`)).map(String);
  const types = await Promise.all(keys.map(async (key) => [key.replace(base, ""), await redis.type(key)]));

  const told = rowsOf("The registry of workers").map(([names = "", type = ""]) => [namesIn(names)[0], type]);
  expect(types.toSorted()).toEqual(told.toSorted());
});
