import { changeRecord, readRecord } from "@telltale/testkit";
import { defineJob, defineJobs } from "telltale";
import { createTelltale } from "telltale/server";
import { describe, expect } from "vitest";
import { z } from "zod";
import { KEY_TYPES, queueKeys } from "../../src/queue/redis/keys.js";
import { claimAll, claimOne, ERROR, type Harness, LEASE_MS, LINE, OUTPUT, test } from "./harness.js";

const jobKey = (h: Harness, id: string): string => `${h.prefix}:{resize}:job:${id}`;

/** Runs all maintenance of a queue once. */
async function tend({ scripts, clock }: Harness): Promise<void> {
  clock.advance(LEASE_MS + 1);
  await scripts.expire();
  await scripts.promote();
  await scripts.reclaim(LEASE_MS);
  await scripts.condemn();
}

async function statuses(h: Harness): Promise<Record<string, number>> {
  const counters = await h.redis.hmget(
    `${h.prefix}:{resize}:meta`,
    "scheduled",
    "queued",
    "running",
    "retrying",
    "failed",
  );
  const [scheduled, queued, running, retrying, failed] = counters.map(Number);
  return { scheduled, queued, running, retrying, failed } as Record<string, number>;
}

const DAMAGE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "a seq that is a word": { seq: "x" },
  "attempts below zero": { attempts: "-1" },
  "a fence that is no number": { fence: "1e308" },
  "a priority there is none of": { priority: "__proto__" },
  "a priority that is part of a name": { priority: "word" },
  "tags that are no list": { tags: "{" },
  "tags that are no texts": { tags: "[1]" },
  "tags that have names": { tags: '{"1":"a"}' },
  "a tag no JSON can hold": { tags: '["a\nb"]' },
  "an attempt too large to be exact": { attempt: "9007199254740993" },
  "a time to come too large for any date": { created_at: "99999999999999999999" },
  "a time that is none": { created_at: "yesterday" },
  "a version that is none": { version: "two" },
  "a time to start that is none": { start_by: "soon" },
};

describe.each(Object.entries(DAMAGE))("%s", (_what, fields) => {
  test.for(["queued", "scheduled", "running", "retrying"] as const)(
    "fails a job that was %s as corrupt, and other jobs still run",
    async (status, { h }) => {
      const { id } = await h.telltale.resize.submit({ width: 1 }, status === "scheduled" ? { delay: 10 } : {});
      if (status === "running" || status === "retrying") {
        const lease = await claimOne(h.scripts);
        if (status === "retrying") await h.scripts.fail({ ...lease, error: ERROR, retryInMs: 10, pending: null });
      }
      await changeRecord(h.redis, jobKey(h, id), fields);
      const other = await h.telltale.resize.submit({ width: 2 });

      const claimed = [...(await claimAll(h.scripts)), ...(await claimAll(h.scripts))];
      // Fields that only a worker reads are only checked by a claim.
      for (let i = 0; i < 3; i++) {
        await tend(h);
        // Two jobs may be due at the same time, in any order.
        claimed.push(...(await claimAll(h.scripts)), ...(await claimAll(h.scripts)));
      }

      expect(claimed.map((job) => job.id)).toContain(other.id);
      const result = await h.telltale.resize.job(id).result();
      expect(result).toMatchObject({ ok: false, status: "failed", error: { code: "corrupt" } });
      expect(await statuses(h)).toMatchObject({ scheduled: 0, failed: 1 });
    },
  );
});

describe.each<[string, (h: Harness, id: string) => Promise<unknown>]>([
  ["an unknown status", (h, id) => changeRecord(h.redis, jobKey(h, id), { status: "weird" })],
  ["no status", (h, id) => changeRecord(h.redis, jobKey(h, id), { status: null })],
  [
    "a string in place of its record",
    async (h, id) => {
      await h.redis.del(jobKey(h, id));
      return h.redis.set(jobKey(h, id), "planted");
    },
  ],
])("a job with %s", (_what, damage) => {
  test.for(["queued", "scheduled", "running"] as const)(
    "is set aside with a reason if it was %s, and other jobs still run",
    async (status, { h }) => {
      const options = { uniqueKey: "u", ...(status === "scheduled" ? { delay: 10 } : {}) };
      const { id } = await h.telltale.resize.submit({ width: 1 }, options);
      if (status === "running") await claimOne(h.scripts);
      await damage(h, id);
      const other = await h.telltale.resize.submit({ width: 2 });

      const claimed = [...(await claimAll(h.scripts)), ...(await claimAll(h.scripts))];
      await tend(h);

      expect(claimed.map((job) => job.id)).toContain(other.id);
      const { count, jobs } = await h.scripts.aside();
      expect(count).toBe(1);
      expect(jobs[0]).toMatchObject({
        id,
        reason: expect.stringMatching(/^the (status is missing or unknown|key is not a hash)$/),
      });
      expect(await h.scripts.read(id)).toBeNull();
      await expect(h.scripts.cancel(id)).rejects.toMatchObject({ code: "not_found" });
      // Its unique key is free.
      await h.telltale.resize.submit({ width: 3 }, { uniqueKey: "u" });
    },
  );
});

test.for([
  ["two spaces", (line: string) => line.replace(" ", "  ")],
  ["a space at the end", (line: string) => `${line} `],
  ["one word more", (line: string) => `${line} more`],
  ["a line break of another system", (line: string) => `${line}\r`],
] as const)("a job whose line has %s runs, and so does the next one", async ([, change], { h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 });
  const other = await h.telltale.resize.submit({ width: 2 });
  const line = String(await h.redis.hget(jobKey(h, id), "job"));
  await h.redis.hset(jobKey(h, id), "job", change(line));

  const claimed = [await claimOne(h.scripts), await claimOne(h.scripts)];

  expect(claimed.map((job) => job.id).sort()).toEqual([id, other.id].sort());
});

test("a job whose line has a NUL byte fails as corrupt", async ({ h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 });
  const line = String(await h.redis.hget(jobKey(h, id), "job"));
  await h.redis.hset(jobKey(h, id), "job", `${line}\0more`);

  expect(await claimAll(h.scripts)).toEqual([]);
  await tend(h);

  expect(await statuses(h)).toMatchObject({ queued: 0, failed: 1 });
});

test("an option of a record cannot replace the job's status or numbers", async ({ h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 });
  const line = String(await h.redis.hget(jobKey(h, id), "job"));
  await h.redis.hset(jobKey(h, id), "job", `${line}\nstatus=completed\nseq=9\nfence=7\nid=other`);

  const lease = await claimOne(h.scripts);

  expect(lease).toMatchObject({ id, fence: 1 });
  expect(await readRecord(h.redis, jobKey(h, id))).toMatchObject({ seq: "2" });
});

test("a job that was set aside is kept as long as a failed job, and then removed completely", async ({ h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 });
  await changeRecord(h.redis, jobKey(h, id), { status: "weird" });
  await claimAll(h.scripts);
  await h.scripts.condemn();
  expect((await readRecord(h.redis, jobKey(h, id))).status).toBe("weird");

  h.clock.advance(7 * 86_400_000);
  await h.scripts.condemn();

  expect(await h.scripts.aside()).toEqual({ count: 0, jobs: [] });
  expect(await h.redis.exists(jobKey(h, id))).toBe(0);
});

test("a record that is repaired before maintenance handles it returns to its place", async ({ h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 });
  await changeRecord(h.redis, jobKey(h, id), { seq: "x" });
  expect(await claimAll(h.scripts)).toEqual([]);
  await changeRecord(h.redis, jobKey(h, id), { seq: "1" });

  expect(await h.scripts.condemn()).toMatchObject({ failed: 0, setAside: 0, more: false });

  expect(await claimOne(h.scripts)).toMatchObject({ id });
});

test("a worker that still runs a damaged job cannot settle it, and a rerun of the job works", async ({ h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 });
  const lease = await claimOne(h.scripts);
  await changeRecord(h.redis, jobKey(h, id), { attempts: "many" });
  await expect(h.scripts.complete({ ...lease, output: OUTPUT, pending: null })).rejects.toMatchObject({
    code: "not_found",
  });
  await tend(h);

  await expect(h.scripts.complete({ ...lease, output: OUTPUT, pending: null })).rejects.toMatchObject({
    code: "lease_lost",
  });
  await h.telltale.$engine.rerun(id);

  expect(await claimOne(h.scripts)).toMatchObject({ id, attempt: 1 });
});

test("a watcher of a damaged job gets an end event", async ({ h }) => {
  const job = await h.telltale.resize.submit({ width: 1 });
  const watch = job.watch();
  await watch.next();
  const next = watch.next();
  await changeRecord(h.redis, jobKey(h, job.id), { rev: "x" });

  await claimAll(h.scripts);
  await h.scripts.condemn();

  expect((await next).value).toMatchObject({ status: "failed", error: { code: "corrupt" } });
});

test("a finished job with unreadable tags does not prevent the other jobs of its page from being listed", async ({
  h,
}) => {
  const { id } = await h.telltale.resize.submit({ width: 1 }, { tags: ["t"] });
  const other = await h.telltale.resize.submit({ width: 2 });
  await changeRecord(h.redis, jobKey(h, id), { tags: "[1]" });

  const { jobs } = await h.telltale.$engine.find.list({}, { detail: true });

  expect(jobs.map((job) => job.id).sort()).toEqual([id, other.id].sort());
});

test.for([
  "scheduled",
  "queued",
  "running",
  "retrying",
  "completed",
  "failed",
  "cancelled",
  "handed",
  "turn",
  "clock",
  "clock_steps",
] as const)("a queue whose %s is not a number recovers after the next check for damage", async (field, { h }) => {
  await h.telltale.resize.submit({ width: 1 });
  const lease = await claimOne(h.scripts);
  await h.telltale.resize.submit({ width: 2 });
  await h.redis.hset(`${h.prefix}:{resize}:meta`, field, "junk");

  await h.scripts.condemn();

  await h.scripts.complete({ ...lease, output: OUTPUT, pending: null });
  const { id } = await h.telltale.resize.submit({ width: 3 });
  expect((await claimOne(h.scripts)).id).not.toBe(id);
  expect(await claimOne(h.scripts)).toMatchObject({ id });
  expect(await h.scripts.stats()).toMatchObject({ jobs: { queued: 0, running: 2 } });
});

const tenants = defineJob("tenant", {
  input: z.object({ tenant: z.string() }),
  output: z.unknown(),
  limits: {
    concurrency: { key: ({ tenant }) => tenant, max: 1 },
    rate: { key: ({ tenant }) => `of-${tenant}`, max: 100, per: "1m" },
  },
});

test.for([
  ["a job's feed", (id: string) => `feed:${id}`],
  ["a job's errors", (id: string) => `errors:${id}`],
  ["a job's chunks", (id: string) => `chunks:${id}`],
  ["a job's log", (id: string) => `logs:${id}`],
  ["an idempotency key", () => "idem:tenant:1:k:o"],
  ["an owner", () => "owner:o"],
  ["an error code", () => "failed:code:handler_error"],
  ["a tag", () => "failed:tag:t"],
  ["the slots of a limit key", () => "slots:tenant:a"],
  ["the groups that wait for a slot", () => "blocked:tenant:a"],
  ["the starts of a limit key", () => "starts:tenant:of-a"],
] as const)("a value of the wrong type in place of %s does not block other jobs", async ([, name], { h, server }) => {
  await using telltale = createTelltale({
    jobs: defineJobs(tenants),
    redis: server.url,
    prefix: h.prefix,
    clock: () => h.clock.now(),
  });
  const scripts = telltale.$engine.scripts("tenant");
  const on = { ...h, scripts };
  const options = { owner: "o", tags: ["t"] };
  const first = await telltale.tenant.submit({ tenant: "a" }, { ...options, idempotencyKey: "k" });
  const ids = [first.id];
  const key = `${h.prefix}:{tenant}:${name(first.id)}`;
  await h.redis.del(key);
  await h.redis.hset(key, "planted", "1");
  for (const tenant of ["a", "b", "b"]) ids.push((await telltale.tenant.submit({ tenant }, options)).id);
  await telltale.tenant.submit({ tenant: "a" }, { ...options, idempotencyKey: "k" });

  const settled: string[] = [];
  for (let i = 0; i < 6; i++) {
    for (const lease of await claimAll(scripts)) {
      settled.push(lease.id);
      await h.redis.del(key);
      await h.redis.hset(key, "planted", "1");
      await scripts.chunk({ ...lease, first: 1, pieces: ["1"] });
      await scripts.log({ ...lease, lines: [LINE] });
      if (lease.id === first.id) await scripts.fail({ ...lease, error: ERROR, retryInMs: null, pending: null });
      else await scripts.complete({ ...lease, output: OUTPUT, pending: null });
    }
    await tend(on);
  }
  await h.redis.del(key);
  await h.redis.hset(key, "planted", "1");
  expect(await telltale.$engine.find.detail(first.id)).toMatchObject({ status: "failed" });
  await telltale.$engine.rerun(first.id);
  const again = await claimOne(scripts);
  await scripts.complete({ ...again, output: OUTPUT, pending: null });
  h.clock.advance(40 * 86_400_000);
  await scripts.prune();

  expect(settled).toEqual(expect.arrayContaining(ids));
  expect(again.id).toBe(first.id);
  expect(await scripts.read(first.id)).toBeNull();
});

test("the key of a job that was set aside can create a job again", async ({ h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 }, { idempotencyKey: "k" });
  await changeRecord(h.redis, jobKey(h, id), { status: "weird" });
  await claimAll(h.scripts);
  await h.scripts.condemn();
  expect((await h.telltale.resize.submit({ width: 1 }, { idempotencyKey: "k" })).id).toBe(id);
  h.clock.advance(7 * 86_400_000);
  await h.scripts.condemn();
  expect(await h.redis.exists(`${h.prefix}:{resize}:idem:resize:1:k`)).toBe(0);

  const next = await h.telltale.resize.submit({ width: 1 }, { idempotencyKey: "k" });

  expect(next.id).not.toBe(id);
  expect(await claimOne(h.scripts)).toMatchObject({ id: next.id });
});

test("the key of a job whose record is lost can create a job again", async ({ h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 }, { idempotencyKey: "k" });
  await h.redis.del(jobKey(h, id));

  const next = await h.telltale.resize.submit({ width: 1 }, { idempotencyKey: "k" });

  expect(await claimOne(h.scripts)).toMatchObject({ id: next.id });
});

const contract = { input: z.object({}), output: z.object({}) };

test.for(KEY_TYPES.map((type, i) => [i, type] as const))(
  "a queue whose key number %d is not a %s is refused at start, with the name of the key",
  async ([i], { h, server }) => {
    const prefix = `${h.prefix}x${i}`;
    const key = queueKeys(prefix, "q").all[i] ?? "";
    await h.redis.set(key, "planted");
    await using telltale = createTelltale({
      jobs: defineJobs(defineJob("q", contract)),
      redis: server.url,
      prefix,
    });

    await expect(telltale.$ready()).rejects.toMatchObject({
      code: "unsupported_redis",
      message: `Queue q is damaged: the key ${key} is a string, which Telltale did not write. Delete or rename the key, or use another prefix`,
    });
  },
);
