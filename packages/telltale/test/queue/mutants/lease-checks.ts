import { expect } from "vitest";
import { claimAll, claimOne, ERROR, LEASE_MS } from "../harness.js";
import type { Subject } from "./subject.js";

/** Cases that the model's programs reach too rarely to rely on. */
export const leaseChecks = {
  "a job has as many attempts as its contract says": async (on: Subject) => {
    const { scripts, clock } = on;
    await on.submit({ attempts: 2 });
    const ends: string[] = [];
    for (let attempt = 1; attempt <= 2; attempt++) {
      ends.push(await scripts.fail({ ...(await claimOne(scripts)), error: ERROR, retryInMs: 0, pending: null }));
      await scripts.promote();
    }
    const id = await on.submit({ attempts: 2 });
    for (let attempt = 1; attempt <= 2; attempt++) {
      await claimOne(scripts);
      clock.advance(LEASE_MS + 1);
      await scripts.reclaim(LEASE_MS);
      ends.push((await on.read(id)).status);
      clock.advance(60_000);
      await scripts.promote();
    }

    expect(ends).toEqual(["retrying", "failed", "retrying", "failed"]);
  },

  "a lost job with a requested cancel is cancelled": async (on: Subject) => {
    const id = await on.submit();
    await claimOne(on.scripts);
    await on.scripts.cancel(id);
    on.clock.advance(LEASE_MS + 1);
    await on.scripts.reclaim(LEASE_MS);

    expect(await on.read(id)).toMatchObject({ status: "cancelled" });
  },

  "a job that is released with a delay waits and uses no attempt": async (on: Subject) => {
    const id = await on.submit();
    await on.scripts.release([{ ...(await claimOne(on.scripts)), delayMs: 30_000 }]);

    expect(await on.read(id)).toMatchObject({ status: "scheduled", attempt: 0 });
    // It is due before all others, so a worker that sleeps until a later job must wake.
    // Due in half a minute: until then, every worker asks anyway.
    expect(await on.redis.llen(on.key("bell"))).toBe(0);
    expect(await on.scripts.promote()).toEqual({ promoted: 0, nextDueInMs: 30_000 });
  },

  "a job with a requested cancel is not released with a delay": async (on: Subject) => {
    const id = await on.submit();
    const lease = await claimOne(on.scripts);
    await on.scripts.cancel(id);
    await on.scripts.release([{ ...lease, delayMs: 30_000 }]);

    expect(await on.read(id)).toMatchObject({ status: "cancelled" });
  },

  "a repeated claim renews its leases": async (on: Subject) => {
    await on.submit();
    const asked = { loop: "l", request: "r", room: 1, leaseMs: LEASE_MS };
    await on.scripts.claim(asked);
    on.clock.advance(10_000);
    const again = await on.scripts.claim(asked);

    const ends = on.redis.zscore(on.key("leases"), again.jobs[0]?.id ?? "");
    expect(await ends).toBe(String(on.clock.now() + LEASE_MS));
  },

  "a worker gets no more jobs than it has room for": async (on: Subject) => {
    for (let i = 0; i < 12; i++) await on.submit();

    expect(await claimAll(on.scripts, 2)).toHaveLength(2);
  },

  "after the clock goes back by a lot, no lease lasts longer than its full length": async (on: Subject) => {
    await on.submit();
    const { id } = await claimOne(on.scripts);
    on.clock.advance(-3_600_000);
    await on.scripts.reclaim(LEASE_MS);

    expect(await on.redis.zscore(on.key("leases"), id)).toBe(String(on.clock.now() + LEASE_MS));
  },
};
