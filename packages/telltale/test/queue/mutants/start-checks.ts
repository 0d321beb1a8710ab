import { expect } from "vitest";
import { NO_LIMITS, type QueueLimits } from "../../../src/queue/record/queue-limits.js";
import { claimAll, claimOne, LEASE_MS, OUTPUT } from "../harness.js";
import type { Subject } from "./subject.js";
import { saidDuring } from "./told-checks.js";

const perKey = (concurrency: number | null, rate: { max: number; perMs: number } | null): QueueLimits => ({
  ...NO_LIMITS,
  kinds: [{ kind: "resize", concurrency, rate }],
});
const ids = (jobs: readonly { readonly id: string }[]): string[] => jobs.map(({ id }) => id);

/** When a job may start: the limits of its keys and its queue, and its start deadline. */
export const startChecks = {
  "a slot whose job no longer exists is free": async (on: Subject) => {
    const scripts = on.scriptsWith({ limits: perKey(1, null) });
    const limitKeys = { concurrency: "resize:a", rate: null };
    const lost = await on.submit({ limitKeys });
    await claimAll(scripts);
    await on.redis.del(on.key(`job:${lost}`));
    await on.redis.zrem(on.key("leases"), lost);
    const next = await on.submit({ limitKeys });

    expect(ids(await claimAll(scripts))).toEqual([next]);
  },

  "a freed slot of a full queue wakes a worker only if a job waits for it": async (on: Subject) => {
    const scripts = on.scriptsWith({ limits: { ...NO_LIMITS, concurrency: 1 } });
    const rings = (): Promise<number> => on.redis.llen(on.key("bell"));
    await on.submit();
    const first = await claimOne(scripts);
    expect(await claimAll(scripts)).toEqual([]);
    await scripts.complete({ ...first, output: OUTPUT, pending: null });
    expect(await rings()).toBe(0);

    await on.submit();
    await on.submit();
    const second = await claimOne(scripts);
    expect(await claimAll(scripts)).toEqual([]);
    expect(await rings()).toBe(0);
    await scripts.complete({ ...second, output: OUTPUT, pending: null });
    expect(await rings()).toBe(1);
  },

  "a claim among full keys checks only a few of their holders": async (on: Subject) => {
    const scripts = on.scriptsWith({ limits: perKey(1_000, null) });
    const keys = ["resize:a", "resize:b", "resize:c"];
    for (const key of keys) {
      await on.redis.sadd(on.key(`slots:${key}`), ...Array.from({ length: 1_000 }, (_, i) => `gone${i}`));
      await on.submit({ priority: "urgent", limitKeys: { concurrency: key, rate: null } });
    }
    for (let i = 0; i < 9; i++) await on.submit({ priority: "low" });

    expect(await claimAll(scripts, 6)).toHaveLength(3);
    const kept = await Promise.all(keys.map((key) => on.redis.scard(on.key(`slots:${key}`))));
    expect(kept).toEqual([1, 991, 991]);
  },

  "a claim parks fifty groups and says that there are more": async (on: Subject) => {
    const scripts = on.scriptsWith({ limits: perKey(1, null) });
    const keys = Array.from({ length: 51 }, (_, i) => `resize:${i}`);
    await on.redis.zadd(on.key("leases"), on.clock.now() + LEASE_MS, "running");
    for (const key of keys) {
      await on.redis.sadd(on.key(`slots:${key}`), "running");
      await on.submit({ limitKeys: { concurrency: key, rate: null } });
    }
    const claim = (request: string) => scripts.claim({ loop: "l", request, room: 1, leaseMs: LEASE_MS });

    expect(await claim("r1")).toMatchObject({ jobs: [], more: true });
    expect(await on.redis.zcard(on.key("parked"))).toBe(50);
    expect(await claim("r2")).toMatchObject({ jobs: [], more: false });
    expect(await on.redis.zcard(on.key("parked"))).toBe(51);
  },

  "times of starts are limited in number and expire": async (on: Subject) => {
    const scripts = on.scriptsWith({ limits: perKey(null, { max: 2, perMs: 1_000 }) });
    const limitKeys = { concurrency: null, rate: "resize:a" };
    for (let i = 0; i < 6; i++) await on.submit({ limitKeys });
    for (let i = 0; i < 3; i++) {
      await claimAll(scripts, 1);
      await claimAll(scripts, 1);
      on.clock.advance(1_000);
      await scripts.promote();
    }

    expect(await on.redis.llen(on.key("starts:resize:a"))).toBe(2);
    expect(await on.redis.pttl(on.key("starts:resize:a"))).toBeGreaterThan(1_000);
  },

  "a claim returns when a key may start again": async (on: Subject) => {
    const claim = (perMs: number, request: string): ReturnType<typeof on.scripts.claim> =>
      on
        .scriptsWith({ limits: perKey(null, { max: 1, perMs }) })
        .claim({ loop: "l", request, room: 5, leaseMs: LEASE_MS });
    for (const rate of ["resize:a", "resize:a"]) await on.submit({ limitKeys: { concurrency: null, rate } });
    await claim(1_000, "r1");
    on.clock.advance(400);

    expect(await claim(1_000, "r2")).toMatchObject({ jobs: [], nextDueInMs: 600 });
    on.clock.advance(600);
    await on.scripts.promote();
    expect(await claim(3_600_000, "r3")).toMatchObject({ jobs: [], nextDueInMs: 30_000 });
  },

  "a slot that one group cannot use goes to another": async (on: Subject) => {
    const scripts = on.scriptsWith({ limits: perKey(1, { max: 1, perMs: 10_000 }) });
    const of = (rate: string): Promise<string> => on.submit({ limitKeys: { concurrency: "resize:t", rate } });
    await of("resize:x");
    await of("resize:x");
    const [lease] = await claimAll(scripts);
    const other = await of("resize:y");
    expect(await claimAll(scripts)).toEqual([]);

    await scripts.complete({ ...(lease ?? { id: "", fence: 0 }), output: OUTPUT, pending: null });

    expect(ids(await claimAll(scripts))).toEqual([other]);
  },

  "a freed slot wakes no worker for a group that was already unparked": async (on: Subject) => {
    const scripts = on.scriptsWith({ limits: perKey(1, null) });
    for (let i = 0; i < 2; i++) await on.submit({ limitKeys: { concurrency: "resize:a", rate: null } });
    const [lease] = await claimAll(scripts);
    expect(await claimAll(scripts)).toEqual([]);
    on.clock.advance(30_000);
    await scripts.promote();
    expect(await on.redis.llen(on.key("bell"))).toBe(1);

    await scripts.complete({ ...(lease ?? { id: "", fence: 0 }), output: OUTPUT, pending: null });

    expect(await on.redis.llen(on.key("bell"))).toBe(1);
    expect(await claimAll(scripts)).toHaveLength(1);
  },

  "if the clock goes back, no group stays parked, and cancelling late jobs keeps the clock": async (on: Subject) => {
    const scripts = on.scriptsWith({ limits: perKey(null, { max: 1, perMs: 20_000 }) });
    for (let i = 0; i < 2; i++) await on.submit({ limitKeys: { concurrency: null, rate: "resize:a" } });
    await claimAll(scripts);
    expect(await claimAll(scripts)).toEqual([]);
    on.clock.advance(-3_600_000);
    await scripts.promote();
    expect(await claimAll(scripts)).toHaveLength(1);

    await on.submit({ startWithinMs: 1 });
    on.clock.advance(2);
    await scripts.expire();
    const at = on.clock.now();
    on.clock.advance(-30_000);
    expect(await on.read(await on.submit())).toMatchObject({ createdAt: at });
  },

  "a job may start until its last millisecond": async (on: Subject) => {
    const [a, b] = [await on.submit({ startWithinMs: 500 }), await on.submit({ startWithinMs: 500 })];
    on.clock.advance(500);

    expect(await on.scripts.expire()).toMatchObject({ expired: 0, more: false });
    expect(ids(await claimAll(on.scripts, 1))).toEqual([a]);
    on.clock.advance(1);
    expect(await on.scripts.expire()).toMatchObject({ expired: 1, more: false });
    expect(await on.read(b)).toMatchObject({ status: "cancelled" });
  },

  "a late job has a reason, also after a rerun": async (on: Subject) => {
    const id = await on.submit({ startWithinMs: 500 });
    on.clock.advance(501);
    expect(await saidDuring(on, () => on.scripts.expire().then(() => {}))).toEqual(["2 cancelled 0 expired"]);
    await on.scripts.rerun(id, 1);

    const { feed } = await on.read(id);
    expect(feed[0]).toMatchObject({ status: "cancelled", payload: "expired" });
  },

  "a running job with an entry among the start deadlines is not cancelled": async (on: Subject) => {
    const id = await on.submit();
    await claimAll(on.scripts);
    await on.redis.zadd(on.key("expiring"), 1, id);

    expect(await on.scripts.expire()).toMatchObject({ expired: 0, more: false });
    expect(await on.read(id)).toMatchObject({ status: "running" });
    expect(await on.redis.exists(on.key("expiring"))).toBe(0);
  },

  "a call cancels a hundred late jobs and says that there are more": async (on: Subject) => {
    for (let i = 0; i < 101; i++) await on.submit({ startWithinMs: 1 });
    on.clock.advance(2);

    expect(await on.scripts.expire()).toMatchObject({ expired: 100, more: true });
    expect(await on.scripts.expire()).toMatchObject({ expired: 1, more: false });
  },

  "a call with many jobs stores only those that fit": async (on: Subject) => {
    const scripts = on.scriptsWith({ limits: { ...NO_LIMITS, maxWaiting: 2 } });
    const job = await on.telltale.$engine.prepare({ kind: "resize", input: { width: 1 } });
    const many = [1, 2, 3].map((i) => ({ ...job, id: `resize_${String(i).padStart(32, "0")}` }));

    expect((await scripts.submit(many)).map(([word]) => word)).toEqual(["created", "created", "queue_full"]);
  },
};
