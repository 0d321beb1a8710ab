import { expect } from "vitest";
import { NO_LIMITS } from "../../../src/queue/record/queue-limits.js";
import { claimAll, claimOne, LEASE_MS } from "../harness.js";
import type { Subject } from "./subject.js";

/** Real time, and times for which the model's programs are too short. */
export const timeChecks = {
  "the time of Redis is used if no clock is given": async (on: Subject) => {
    const id = await on.submit();
    // Years behind the clock of Redis, so the step is large and the queue follows it.
    await on.redis.del(on.key("meta"));
    const before = await redisTime(on);
    await on.scriptsWith({ clock: () => undefined }).cancel(id);
    const after = await redisTime(on);

    const { at } = await on.read(id);
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(after);
  },

  "a large backward step of the server's clock is counted": async (on: Subject) => {
    const steps = (): Promise<string | null> => on.redis.hget(on.key("meta"), "clock_steps");
    await on.submit();
    on.clock.advance(-60_000);
    await on.submit();
    expect(await steps()).toBeNull();
    on.clock.advance(-1);
    await on.submit();

    expect(await steps()).toBe("1");
  },

  "a job with runAt waits for it": async (on: Subject) => {
    const id = await on.submit({ runAt: new Date(on.clock.now() + 5_000) });

    expect(await on.read(id)).toMatchObject({ status: "scheduled", wasScheduled: true });
    on.clock.advance(4_999);
    expect(await on.scripts.promote()).toEqual({ promoted: 0, nextDueInMs: 1 });
    on.clock.advance(1);
    expect(await on.scripts.promote()).toEqual({ promoted: 1, nextDueInMs: null });
  },

  "a call queues a hundred due jobs, the most urgent first": async (on: Subject) => {
    for (let i = 0; i < 60; i++) await on.submit({ delayMs: 1_000 });
    for (let i = 0; i < 60; i++) await on.submit({ delayMs: 2_000, priority: "high" });
    on.clock.advance(2_000);

    expect(await on.scripts.promote()).toEqual({ promoted: 100, nextDueInMs: 0 });
    const left = await Promise.all(["high", "normal"].map((one) => on.redis.zcard(on.key(`scheduled:${one}`))));
    expect(left).toEqual([0, 20]);
    expect(await on.scripts.promote()).toEqual({ promoted: 20, nextDueInMs: null });
  },

  "a claim queues at most a hundred due jobs": async (on: Subject) => {
    const kinds = [{ kind: "resize", concurrency: 1, rate: null }];
    const scripts = on.scriptsWith({ limits: { ...NO_LIMITS, kinds } });
    const limitKeys = { concurrency: "resize:a", rate: null };
    await on.submit({ limitKeys });
    await claimOne(scripts);
    for (let i = 0; i < 150; i++) await on.submit({ delayMs: 1_000, limitKeys });
    on.clock.advance(1_000);

    const claimed = await scripts.claim({ loop: "l", request: "r", room: 200, leaseMs: LEASE_MS });
    expect(claimed).toMatchObject({ jobs: [], nextDueInMs: 0 });
    expect(await on.redis.zcard(on.key("scheduled:normal"))).toBe(50);
    const now = on.clock.now();
    on.clock.advance(-30_000);
    expect(await on.read(await on.submit())).toMatchObject({ at: now });
  },

  "due jobs count as waiting, and no more of them are queued than are claimed": async (on: Subject) => {
    await on.submit();
    for (let i = 0; i < 7; i++) await on.submit({ delayMs: 1_000 });
    on.clock.advance(1_000);

    expect(await claimAll(on.scripts)).toHaveLength(2);
    expect(await on.redis.zcard(on.key("scheduled:normal"))).toBe(6);
  },

  "a claim skips due jobs that no longer exist": async (on: Subject) => {
    await on.redis.zadd(on.key("scheduled:normal"), 1, "gone");
    const id = await on.submit({ delayMs: 1_000 });
    on.clock.advance(1_000);

    expect(await claimOne(on.scripts)).toMatchObject({ id });
  },

  "a job that loses its workers waits twice as long each time, up to a minute": async (on: Subject) => {
    const id = await on.submit({ attempts: 25 });
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 8; attempt++) {
      await claimOne(on.scripts);
      on.clock.advance(LEASE_MS + 1);
      await on.scripts.reclaim(LEASE_MS);
      waits.push((Number(await on.redis.zscore(on.key("scheduled:normal"), id)) - on.clock.now()) / 1_000);
      on.clock.advance(60_000);
      await on.scripts.promote();
    }

    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  },
};

async function redisTime({ redis }: Subject): Promise<number> {
  const [seconds, micros] = await redis.time();
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
}
