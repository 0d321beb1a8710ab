import { changeRecord, readRecord } from "@telltale/testkit";
import { LIMITS } from "telltale";
import { expect } from "vitest";
import { NO_LIMITS } from "../../../src/queue/record/queue-limits.js";
import { claimAll, claimOne, ERROR, LEASE_MS, LINE } from "../harness.js";
import type { Subject } from "./subject.js";
import { saidDuring } from "./told-checks.js";

const EVERYTHING = {
  limit: 50,
  span: { from: 0, to: 9_999_999_999_999 },
  after: null,
  wanted: {},
} as const;
const WEEK_MS = 7 * 86_400_000;

/** Invalid values of fields. Each one damages the record of one job. */
const SPOILT = [
  ["seq", "x"],
  ["attempts", "-1"],
  ["rev", ""],
  ["fence", "1e3"],
  ["priority", "weird"],
  ["start_by", "9e19"],
  ["tags", "{"],
  ["tags", "7"],
  ["tags", "[1]"],
  ["tags", '{"1":"a"}'],
  ["tags", '["a\nb"]'],
  ["tags", '["a\\u0007b"]'],
  ["attempt", "9007199254740993"],
  ["depth", "deep"],
  ["created_at", "x"],
  ["version", "x"],
] as const;

/** Unreadable records of jobs and of queues. */
export const corruptChecks = {
  "a damaged waiting job fails as corrupt, and other jobs still run": async (on: Subject) => {
    const ids: string[] = [];
    for (const [field, value] of SPOILT) {
      const id = await on.submit();
      await changeRecord(on.redis, on.key(`job:${id}`), { [field]: value });
      if (!["tags", "depth", "start_by", "priority", "attempts", "fence", "version"].includes(field)) {
        expect(await on.scripts.read(id), field).toBeNull();
      }
      ids.push(id);
    }
    await changeRecord(on.redis, on.key(`job:${ids[0]}`), { at: "x" });
    await on.scripts.stats();
    const sound = await on.submit();
    const claimed: string[] = [];
    for (let i = 0; i < 4; i++) claimed.push(...(await claimAll(on.scripts)).map(({ id }) => id));

    expect(claimed).toEqual([sound]);
    expect(await on.scripts.condemn()).toMatchObject({ failed: ids.length, setAside: 0, more: false });
    expect(await on.scripts.condemn()).toMatchObject({ failed: 0, setAside: 0, more: false });
    expect(await on.redis.exists(on.key("suspects"))).toBe(0);
    for (const id of ids) expect(await on.read(id)).toMatchObject({ status: "failed", seq: 2 });
    expect(await on.redis.hmget(on.key("meta"), "queued", "failed")).toEqual(["0", String(ids.length)]);
    for (const id of ids) await on.scripts.rerun(id, 1);
  },

  "a damaged job that is leased or due fails as corrupt": async (on: Subject) => {
    const leased = await on.submit();
    await claimOne(on.scripts);
    const due = await on.submit({ delayMs: 10 });
    await changeRecord(on.redis, on.key(`job:${leased}`), { seq: "x" });
    await changeRecord(on.redis, on.key(`job:${due}`), { attempts: "x" });
    on.clock.advance(LEASE_MS + 1);
    const at = on.clock.now();
    await on.scripts.promote();
    await on.scripts.reclaim(LEASE_MS);

    const said = await saidDuring(on, async () => {
      expect(await on.scripts.condemn()).toMatchObject({ failed: 2, setAside: 0, more: false });
    });

    expect(said.map((line) => line.split(" ").slice(0, 2).join(" ")).sort()).toEqual(["2 failed", "3 failed"]);
    expect(await on.read(leased)).toMatchObject({ status: "failed", seq: 3 });
    expect((await readRecord(on.redis, on.key(`job:${leased}`))).error_code).toBe("corrupt");
    expect(await on.redis.llen(on.key(`errors:${leased}`))).toBe(1);
    on.clock.advance(-30_000);
    expect(await on.read(await on.submit())).toMatchObject({ createdAt: at });
  },

  "a job with an unreadable status is set aside with a reason, and does not block other jobs": async (on: Subject) => {
    const scripts = on.scriptsWith({
      limits: { ...NO_LIMITS, kinds: [{ kind: "resize", concurrency: 1, rate: null }] },
    });
    const limitKeys = { concurrency: "resize:a", rate: null };
    const id = await on.submit({ uniqueKey: "u", idempotencyKey: "i", limitKeys });
    await claimOne(scripts);
    const waiting = await on.submit({ limitKeys });
    expect(await claimAll(scripts)).toEqual([]);
    await on.redis.zadd(on.key("expiring"), on.clock.now() + WEEK_MS, id);
    await changeRecord(on.redis, on.key(`job:${id}`), { status: "weird" });
    on.clock.advance(LEASE_MS);
    await scripts.reclaim(LEASE_MS);
    on.clock.advance(1);
    await scripts.reclaim(LEASE_MS);

    expect(await scripts.condemn()).toMatchObject({ failed: 0, setAside: 1, more: false });

    const reason = "the status is missing or unknown";
    expect(await scripts.aside()).toEqual({ count: 1, jobs: [{ id, place: "leases", reason, at: on.clock.now() }] });
    expect(await on.redis.hget(on.key("meta"), "running")).toBe("0");
    expect(await on.redis.exists(on.key("expiring"), on.key("unique"))).toBe(0);
    expect(await on.redis.pttl(on.key("idem:resize:1:i"))).toBeGreaterThan(WEEK_MS);
    expect(await on.redis.exists(on.key("slots:resize:a"))).toBe(0);
    expect(await claimOne(scripts)).toMatchObject({ id: waiting });
  },

  "setting a job aside does not change another job's keys": async (on: Subject) => {
    const id = await on.submit({ uniqueKey: "u", idempotencyKey: "i" });
    await on.redis.hset(on.key("unique"), "resize:1:u", "another");
    await on.redis.set(on.key("idem:resize:1:i"), "another\nprint");
    await changeRecord(on.redis, on.key(`job:${id}`), { status: "weird" });
    await claimAll(on.scripts);
    await on.scripts.condemn();

    expect(await on.redis.hget(on.key("unique"), "resize:1:u")).toBe("another");
    expect(await on.redis.pttl(on.key("idem:resize:1:i"))).toBe(-1);
  },

  "a job whose idempotency record has the wrong type is still set aside": async (on: Subject) => {
    const id = await on.submit({ idempotencyKey: "k" });
    await on.redis.del(on.key("idem:resize:1:k"));
    await on.redis.hset(on.key("idem:resize:1:k"), "planted", "1");
    await changeRecord(on.redis, on.key(`job:${id}`), { status: "weird" });
    await claimAll(on.scripts);

    expect(await on.scripts.condemn().catch(() => null)).toMatchObject({ failed: 0, setAside: 1, more: false });
    expect((await on.scripts.aside()).jobs).toMatchObject([{ id }]);
  },

  "an id without a job is dropped": async (on: Subject) => {
    const id = await on.submit();
    await on.redis.del(on.key(`job:${id}`));
    await claimAll(on.scripts);

    expect(await on.scripts.condemn()).toMatchObject({ failed: 0, setAside: 0, more: false });
    expect(await on.redis.exists(on.key("suspects"), on.key("aside"))).toBe(0);
  },

  "a key of the wrong type in place of a job breaks no script": async (on: Subject) => {
    const id = await on.submit();
    await on.redis.del(on.key(`job:${id}`));
    await on.redis.set(on.key(`job:${id}`), "planted");
    await on.redis.hset(on.key("unique"), "resize:1:u", id);

    expect(await on.scripts.read(id)).toBeNull();
    expect(await on.scripts.detail(id)).toBeNull();
    expect(await on.scripts.stats()).toMatchObject({ jobs: { queued: 1 }, setAside: 0 });
    await on.redis.zadd(on.key("completed"), 1, id);
    expect((await on.scripts.listSorted({ ...EVERYTHING, set: "completed" })).jobs).toEqual([]);
    await on.submit({ uniqueKey: "u" });
    expect(await claimAll(on.scripts)).toHaveLength(1);
    expect(await on.scripts.condemn()).toMatchObject({ setAside: 1 });
    await on.scripts.remove(id);
  },

  "a suspect that has moved to another place is not changed": async (on: Subject) => {
    const id = await on.submit();
    await on.redis.zadd(on.key("suspects"), 1, `leases\n${id}`);
    await changeRecord(on.redis, on.key(`job:${id}`), { rev: "x" });

    expect(await on.scripts.condemn()).toMatchObject({ failed: 0, setAside: 0, more: false });
    expect((await readRecord(on.redis, on.key(`job:${id}`))).status).toBe("queued");
  },

  "a repaired job returns to its place and wakes a worker": async (on: Subject) => {
    const id = await on.submit();
    await changeRecord(on.redis, on.key(`job:${id}`), { rev: "x" });
    expect(await claimAll(on.scripts)).toEqual([]);
    await changeRecord(on.redis, on.key(`job:${id}`), { rev: "0" });
    await on.redis.del(on.key("bell"));

    expect(await on.scripts.condemn()).toMatchObject({ failed: 0, setAside: 0, more: false });

    expect(await on.redis.llen(on.key("bell"))).toBe(1);
    expect(await claimOne(on.scripts)).toMatchObject({ id });
  },

  "a feed of the wrong type breaks no script": async (on: Subject) => {
    const id = await on.submit();
    await changeRecord(on.redis, on.key(`job:${id}`), { seq: "x" });
    await on.redis.set(on.key(`feed:${id}`), "planted");
    await claimAll(on.scripts);
    await on.scripts.condemn();

    expect(await on.read(id)).toMatchObject({ status: "failed", feed: [{ seq: 2, status: "failed" }] });
  },

  "a key of the wrong type that belongs to one job or limit key does not block other jobs": async (on: Subject) => {
    const kinds = [{ kind: "resize", concurrency: 1, rate: { max: 100, perMs: 60_000 } }];
    const limited = on.scriptsWith({ limits: { ...NO_LIMITS, kinds } });
    const options = { owner: "ann", limitKeys: { concurrency: "resize:a", rate: "resize:r" } };
    const plant = async (...names: string[]): Promise<void> => {
      for (const name of names) {
        await on.redis.del(on.key(name));
        await on.redis.hset(on.key(name), "planted", "1");
      }
    };
    const group = "group:normal:8:resize:aresize:r";

    await plant("owner:ann", "idem:resize:1:k:ann", group);
    const id = await on.submit({ ...options, idempotencyKey: "k" });
    await plant("slots:resize:a", `feed:${id}`);
    const first = await claimOne(on.scripts);
    await on.submit(options);
    await plant("slots:resize:a", "starts:resize:r");
    await claimOne(limited);
    await on.submit(options);
    await plant("blocked:resize:a");
    expect(await claimAll(limited)).toEqual([]);

    await plant(`chunks:${id}`);
    expect(await on.scripts.chunk({ ...first, first: 1, pieces: ["1"] })).toBe("stored");
    await plant(`logs:${id}`);
    await on.scripts.log({ ...first, lines: [LINE] });
    expect(await on.redis.llen(on.key(`logs:${id}`))).toBe(1);
    await plant(
      "slots:resize:a",
      "blocked:resize:a",
      `errors:${id}`,
      "failed:code:handler_error",
      "idem:resize:1:k:ann",
    );
    await on.scripts.fail({ ...first, error: ERROR, retryInMs: null, pending: null });
    expect(await on.redis.zrange(on.key("failed:code:handler_error"), "0", "-1")).toEqual([id]);
    await plant(`feed:${id}`, "failed:code:handler_error", "idem:resize:1:k:ann");
    await on.scripts.rerun(id, 1);
    await on.scripts.cancel(id);
    await plant(`feed:${id}`, `errors:${id}`);
    expect(await on.scripts.detail(id)).toMatchObject({ status: "cancelled", errors: [], feed: [] });
    expect(await on.read(id)).toMatchObject({ status: "cancelled", feed: [] });
    await plant("owner:ann");
    await on.scripts.remove(id);
    await plant(group);
    const other = await on.submit({ limitKeys: { concurrency: "resize:b", rate: null } });
    on.clock.advance(30_000);
    await on.scripts.promote();
    const claimed = [...(await claimAll(on.scripts)), ...(await claimAll(on.scripts)), ...(await claimAll(on.scripts))];
    expect(claimed.map((job) => job.id)).toEqual([other]);
  },

  "invalid counters of a queue are computed again": async (on: Subject) => {
    await on.submit();
    await on.submit();
    for (const key of ["a", "b", "c"]) {
      await on.submit({ limitKeys: { concurrency: `resize:${key}`, rate: null }, priority: "urgent" });
    }
    await on.submit({ delayMs: 1_000 });
    const meta = on.key("meta");
    for (const field of ["scheduled", "queued", "turn", "clock", "failed"]) await on.redis.hset(meta, field, "junk");
    await on.redis.hset(meta, "running", "-1");

    expect(await on.scripts.condemn()).toMatchObject({ failed: 0, setAside: 0, more: false });

    const now = String(on.clock.now());
    expect(await on.redis.hmget(meta, "scheduled", "queued", "turn", "clock", "failed", "running")).toEqual([
      "1",
      "2",
      "3",
      now,
      "0",
      "-1",
    ]);
  },

  "invalid times of starts are ignored": async (on: Subject) => {
    const kinds = [{ kind: "resize", concurrency: null, rate: { max: 1, perMs: 60_000 } }];
    const scripts = on.scriptsWith({ limits: { ...NO_LIMITS, kinds } });
    await on.submit({ limitKeys: { concurrency: null, rate: "resize:r" } });
    await on.redis.lpush(on.key("starts:resize:r"), "x");

    expect(await claimAll(scripts)).toHaveLength(1);
  },

  "the key of a job whose record is lost can create a job again": async (on: Subject) => {
    const id = await on.submit({ idempotencyKey: "k" });
    await on.redis.del(on.key(`job:${id}`));

    expect(await on.submit({ idempotencyKey: "k" })).not.toBe(id);
  },

  "a job that was set aside is kept for a week and then removed completely": async (on: Subject) => {
    const id = await on.submit({ owner: "ann", idempotencyKey: "k" });
    await changeRecord(on.redis, on.key(`job:${id}`), { status: "weird" });
    await on.redis.rpush(on.key(`errors:${id}`), "line");
    await on.redis.rpush(on.key(`feed:${id}`), "line");
    await on.redis.rpush(on.key(`chunks:${id}`), "line");
    await on.redis.rpush(on.key(`logs:${id}`), "line");
    await claimAll(on.scripts);
    await on.scripts.condemn();
    on.clock.advance(WEEK_MS - 1);
    await on.scripts.condemn();
    expect((await on.scripts.aside()).count).toBe(1);

    on.clock.advance(1);
    await on.scripts.condemn();

    expect(await on.redis.keys(on.key(`*${id}`))).toEqual([]);
    expect(await on.redis.exists(on.key("owner:ann"), on.key("idem:resize:1:k:ann"))).toBe(0);
    expect((await on.scripts.aside()).count).toBe(0);
  },

  "a job that was repaired after it was set aside is not deleted": async (on: Subject) => {
    const id = await on.submit();
    await changeRecord(on.redis, on.key(`job:${id}`), { status: "weird" });
    await claimAll(on.scripts);
    await on.scripts.condemn();
    await changeRecord(on.redis, on.key(`job:${id}`), { status: "queued" });
    on.clock.advance(WEEK_MS);
    await on.scripts.condemn();

    expect(await on.read(id)).toMatchObject({ status: "queued" });
  },

  "if too many jobs are set aside, the newest are kept": async (on: Subject) => {
    const entries = Array.from({ length: LIMITS.aside + 2 }, (_, i) => [
      String(i + on.clock.now()),
      `id${i}\nleases\nno`,
    ]);
    await on.redis.zadd(on.key("aside"), ...entries.flat());
    await on.scripts.condemn();

    const { count, jobs } = await on.scripts.aside();
    expect(count).toBe(LIMITS.aside);
    expect(jobs[0]?.id).toBe(`id${LIMITS.aside + 1}`);
  },

  "a call handles a hundred suspects and says that there are more": async (on: Subject) => {
    const entries = Array.from({ length: 101 }, (_, i) => [String(i), `leases\nid${i}`]);
    await on.redis.zadd(on.key("suspects"), ...entries.flat());

    expect(await on.scripts.condemn()).toMatchObject({ more: true });
    expect(await on.redis.zcard(on.key("suspects"))).toBe(1);
    expect(await on.scripts.condemn()).toMatchObject({ more: false });
  },

  "a repeated claim leaves out jobs that were damaged in the meantime": async (on: Subject) => {
    const id = await on.submit();
    const request = { loop: "l", request: "r", room: 5, leaseMs: LEASE_MS };
    expect((await on.scripts.claim(request)).jobs).toHaveLength(1);
    await changeRecord(on.redis, on.key(`job:${id}`), { tags: "{" });

    expect((await on.scripts.claim(request)).jobs).toEqual([]);
  },

  "an unreadable finished job is pruned": async (on: Subject) => {
    const id = await on.submit();
    await on.scripts.cancel(id);
    await changeRecord(on.redis, on.key(`job:${id}`), { status: "weird" });
    on.clock.advance(WEEK_MS);
    await on.scripts.prune();

    expect(await on.redis.keys(on.key(`*${id}`))).toEqual([]);
  },

  "pruning an unreadable finished job also removes it from counters and indexes": async (on: Subject) => {
    const id = await on.submit({ tags: ["a"] });
    await on.scripts.cancel(id);
    await changeRecord(on.redis, on.key(`job:${id}`), { status: "weird" });
    on.clock.advance(WEEK_MS);
    await on.scripts.prune();

    expect(await on.redis.exists(on.key("cancelled:tag:a"))).toBe(0);
    expect(await on.redis.hget(on.key("meta"), "cancelled")).toBe("0");
  },

  "a job that is set aside while it waits for a retry is no longer counted": async (on: Subject) => {
    const id = await on.submit();
    await on.scripts.fail({ ...(await claimOne(on.scripts)), error: ERROR, retryInMs: 10, pending: null });
    await changeRecord(on.redis, on.key(`job:${id}`), { status: "weird" });
    on.clock.advance(10);
    await on.scripts.promote();

    expect(await on.scripts.condemn()).toMatchObject({ setAside: 1 });
    expect(await on.redis.hget(on.key("meta"), "retrying")).toBe("0");
  },

  "a job that is set aside does not count as outstanding": async (on: Subject) => {
    const id = await on.submit({ owner: "ann" });
    await changeRecord(on.redis, on.key(`job:${id}`), { status: "weird" });
    await claimAll(on.scripts);
    await on.scripts.condemn();

    expect(await on.redis.exists(on.key("outstanding"))).toBe(0);
  },

  "a leftover entry in a list does not set its job aside": async (on: Subject) => {
    const id = await on.submit();
    await on.scripts.cancel(id);
    const other = await on.submit();
    await changeRecord(on.redis, on.key(`job:${id}`), { status: "weird" });

    expect(await claimOne(on.scripts)).toMatchObject({ id: other });
    const next = await on.submit();
    expect(await on.scripts.condemn()).toMatchObject({ failed: 0, setAside: 0, more: false });
    expect(await on.redis.hget(on.key("meta"), "queued")).toBe("1");
    expect(await claimOne(on.scripts)).toMatchObject({ id: next });
  },

  "a job with two entries is subtracted from the counters once": async (on: Subject) => {
    const id = await on.submit();
    await on.scripts.cancel(id);
    await on.scripts.rerun(id, 1);
    await changeRecord(on.redis, on.key(`job:${id}`), { status: "weird" });
    for (const condemned of [1, 0]) {
      await on.redis.zadd(on.key("suspects"), 1, `waiting\n${id}`);
      await on.submit();
      expect(await on.scripts.condemn()).toMatchObject({ setAside: condemned });
    }

    expect(await on.redis.hget(on.key("meta"), "queued")).toBe("2");
  },

  "a queue with a key of the wrong type is refused": async (on: Subject) => {
    await on.redis.set(on.key("parked"), "planted");

    await expect(on.scripts.open()).rejects.toMatchObject({ code: "unsupported_redis" });
  },

  "the unique key of an unreadable job is free": async (on: Subject) => {
    const id = await on.submit({ uniqueKey: "u" });
    await changeRecord(on.redis, on.key(`job:${id}`), { status: "weird" });

    expect(await on.submit({ uniqueKey: "u" })).not.toBe(id);
  },
};
