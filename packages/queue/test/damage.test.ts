import { defineJob, defineJobs } from "@telltale/core";
import { describe, expect } from "vitest";
import { z } from "zod";
import { createTelltale } from "../src/index.js";
import { KEY_TYPES, queueKeys } from "../src/keys.js";
import { claimAll, claimOne, ERROR, type Harness, LEASE_MS, OUTPUT, test } from "./harness.js";

const jobKey = (h: Harness, id: string): string => `${h.prefix}:{resize}:job:${id}`;

/** Everything that is done to a queue in the course of time. */
async function tend({ lane, clock }: Harness): Promise<void> {
  clock.advance(LEASE_MS + 1);
  await lane.expire();
  await lane.promote();
  await lane.reclaim(LEASE_MS);
  await lane.condemn();
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
  "tags that are no list": { tags: "{" },
  "a time that is none": { created_at: "yesterday" },
  "a version that is none": { version: "two" },
  "a time to start that is none": { start_by: "soon" },
};

describe.each(Object.entries(DAMAGE))("%s", (_what, fields) => {
  test.for(["queued", "scheduled", "running", "retrying"] as const)(
    "fails a job that was %s as corrupt, and the others go on",
    async (status, { h }) => {
      const { id } = await h.telltale.resize.submit({ width: 1 }, status === "scheduled" ? { delay: 10 } : {});
      if (status === "running" || status === "retrying") {
        const lease = await claimOne(h.lane);
        if (status === "retrying") await h.lane.fail({ ...lease, error: ERROR, retryInMs: 10, pending: null });
      }
      await h.redis.hset(jobKey(h, id), fields);
      const other = await h.telltale.resize.submit({ width: 2 });

      const claimed = [...(await claimAll(h.lane)), ...(await claimAll(h.lane))];
      // What a worker alone wants to know is only looked at by a claim.
      for (let i = 0; i < 3; i++) {
        await tend(h);
        claimed.push(...(await claimAll(h.lane)));
      }

      expect(claimed.map((job) => job.id)).toContain(other.id);
      const result = await h.telltale.resize.job(id).result();
      expect(result).toMatchObject({ ok: false, status: "failed", error: { code: "corrupt" } });
      expect(await statuses(h)).toMatchObject({ scheduled: 0, failed: 1 });
    },
  );
});

describe.each<[string, (h: Harness, id: string) => Promise<unknown>]>([
  ["a status there is none of", (h, id) => h.redis.hset(jobKey(h, id), "status", "weird")],
  ["no status", (h, id) => h.redis.hdel(jobKey(h, id), "status")],
  [
    "a text where its record belongs",
    async (h, id) => {
      await h.redis.del(jobKey(h, id));
      return h.redis.set(jobKey(h, id), "planted");
    },
  ],
])("a job with %s", (_what, damage) => {
  test.for(["queued", "scheduled", "running"] as const)(
    "is set aside with a reason when it was %s, and the others go on",
    async (status, { h }) => {
      const options = { uniqueKey: "u", ...(status === "scheduled" ? { delay: 10 } : {}) };
      const { id } = await h.telltale.resize.submit({ width: 1 }, options);
      if (status === "running") await claimOne(h.lane);
      await damage(h, id);
      const other = await h.telltale.resize.submit({ width: 2 });

      const claimed = [...(await claimAll(h.lane)), ...(await claimAll(h.lane))];
      await tend(h);

      expect(claimed.map((job) => job.id)).toContain(other.id);
      const { count, jobs } = await h.lane.aside();
      expect(count).toBe(1);
      expect(jobs[0]).toMatchObject({ id, reason: expect.stringMatching(/^the (status is none|key is no hash)$/) });
      expect(await h.lane.read(id)).toBeNull();
      await expect(h.lane.cancel(id)).rejects.toMatchObject({ code: "not_found" });
      // Its unique key holds nobody up.
      await h.telltale.resize.submit({ width: 3 }, { uniqueKey: "u" });
    },
  );
});

test("what was set aside is kept as long as a failed job, and then nothing of it is left", async ({ h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 });
  await h.redis.hset(jobKey(h, id), "status", "weird");
  await claimAll(h.lane);
  await h.lane.condemn();
  expect(await h.redis.hget(jobKey(h, id), "status")).toBe("weird");

  h.clock.advance(7 * 86_400_000);
  await h.lane.condemn();

  expect(await h.lane.aside()).toEqual({ count: 0, jobs: [] });
  expect(await h.redis.exists(jobKey(h, id))).toBe(0);
});

test("a record that was mended before anybody decided goes back to its place", async ({ h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 });
  await h.redis.hset(jobKey(h, id), "seq", "x");
  expect(await claimAll(h.lane)).toEqual([]);
  await h.redis.hset(jobKey(h, id), "seq", "1");

  expect(await h.lane.condemn()).toEqual({ failed: 0, setAside: 0, more: false });

  expect(await claimOne(h.lane)).toMatchObject({ id });
});

test("a worker that still runs a damaged job cannot settle it, and a rerun of it runs", async ({ h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 });
  const lease = await claimOne(h.lane);
  await h.redis.hset(jobKey(h, id), "attempts", "many");
  await expect(h.lane.complete({ ...lease, output: OUTPUT, pending: null })).rejects.toMatchObject({
    code: "not_found",
  });
  await tend(h);

  await expect(h.lane.complete({ ...lease, output: OUTPUT, pending: null })).rejects.toMatchObject({
    code: "lease_lost",
  });
  await h.telltale.$engine.rerun(id);

  expect(await claimOne(h.lane)).toMatchObject({ id, attempt: 1 });
});

test("a watcher of a job that is damaged gets its end", async ({ h }) => {
  const job = await h.telltale.resize.submit({ width: 1 });
  const watch = job.watch();
  await watch.next();
  const next = watch.next();
  await h.redis.hset(jobKey(h, job.id), "rev", "x");

  await claimAll(h.lane);
  await h.lane.condemn();

  expect((await next).value).toMatchObject({ status: "failed", error: { code: "corrupt" } });
});

const contract = { input: z.object({}), output: z.object({}) };

test.for(KEY_TYPES.map((type, i) => [i, type] as const))(
  "a queue whose key number %d is no %s is refused at start, by name",
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
      message: `Queue q is damaged: the key ${key} is a string, which Telltale did not write`,
    });
  },
);
