import { expect } from "vitest";
import { claimOne, LEASE_MS, OUTPUT } from "../harness.js";
import type { Subject } from "./subject.js";

/** Keys that somebody else wrote to, or an older and newer version of us. */
export const damageChecks = {
  "a job whose record is damaged is not moved": async (on: Subject) => {
    const id = await on.submit();
    await on.redis.hset(on.key(`job:${id}`), "attempt", "many");

    await expect(on.scripts.cancel(id)).rejects.toMatchObject({ code: "not_found" });
  },

  "a running job that strayed among the due is not queued": async (on: Subject) => {
    const id = await on.submit();
    await claimOne(on.scripts);
    await on.redis.zadd(on.key("scheduled:normal"), 1, id);

    expect(await on.scripts.promote()).toEqual({ promoted: 0, nextDueInMs: null });
    expect(await on.read(id)).toMatchObject({ status: "running" });
  },

  "a waiting job that strayed among the leased is not reclaimed": async (on: Subject) => {
    const id = await on.submit();
    await on.redis.zadd(on.key("leases"), 1, id);

    expect(await on.scripts.reclaim(LEASE_MS)).toMatchObject({ reclaimed: 0, more: false });
    expect(await on.read(id)).toMatchObject({ status: "queued" });
  },

  "a running job that strayed among the finished is not removed": async (on: Subject) => {
    const id = await on.submit();
    await claimOne(on.scripts);
    await on.redis.zadd(on.key("completed"), 1, id);

    expect(await on.scripts.prune()).toEqual({ pruned: 0, more: false });
    expect(await on.read(id)).toMatchObject({ status: "running" });
  },

  "a unique slot that another job holds is left to it": async (on: Subject) => {
    const slot = on.key("unique");
    await on.submit({ uniqueKey: "u" });
    const lease = await claimOne(on.scripts);
    await on.redis.hset(slot, "resize:1:u", "another");
    await on.scripts.complete({ ...lease, output: OUTPUT, pending: null });

    expect(await on.redis.hget(slot, "resize:1:u")).toBe("another");
  },

  "a unique slot whose job is finished or gone is free": async (on: Subject) => {
    const old = await on.submit();
    await on.scripts.cancel(old);
    await on.redis.hset(on.key("unique"), "resize:1:u", old);
    const id = await on.submit({ uniqueKey: "u" });

    expect(id).not.toBe(old);
    expect(await on.read(id)).toMatchObject({ status: "queued" });
  },

  "a submit that is refused leaves no key behind": async (on: Subject) => {
    await on.submit({ uniqueKey: "u" });
    await on.submit({ uniqueKey: "u", idempotencyKey: "k" });

    expect(await on.redis.exists(on.key("idem:resize:1:k"))).toBe(0);
  },

  "a queue that a newer version laid out is refused": async (on: Subject) => {
    await on.scripts.open();
    expect(await on.redis.hget(on.key("meta"), "layout")).toBe("1");
    await on.redis.hset(on.key("meta"), "layout", 2);

    await expect(on.scripts.open()).rejects.toMatchObject({ code: "unsupported_redis" });
  },
};
