import { changeRecord } from "@telltale/testkit";
import { expect } from "vitest";
import { claimOne, LEASE_MS, OUTPUT } from "../harness.js";
import type { Subject } from "./subject.js";

/** Keys that another program, or an older or newer version of Telltale, wrote. */
export const damageChecks = {
  "a job with a damaged record does not change its status": async (on: Subject) => {
    const id = await on.submit();
    await changeRecord(on.redis, on.key(`job:${id}`), { attempt: "many" });

    await expect(on.scripts.cancel(id)).rejects.toMatchObject({ code: "not_found" });
  },

  "a running job with an entry among the delayed jobs is not queued": async (on: Subject) => {
    const id = await on.submit();
    await claimOne(on.scripts);
    await on.redis.zadd(on.key("scheduled:normal"), 1, id);

    expect(await on.scripts.promote()).toEqual({ promoted: 0, nextDueInMs: null });
    expect(await on.read(id)).toMatchObject({ status: "running" });
  },

  "a waiting job with an entry among the leases is not reclaimed": async (on: Subject) => {
    const id = await on.submit();
    await on.redis.zadd(on.key("leases"), 1, id);

    expect(await on.scripts.reclaim(LEASE_MS)).toMatchObject({ reclaimed: 0, more: false });
    expect(await on.read(id)).toMatchObject({ status: "queued" });
  },

  "a running job with an entry among the finished jobs is not removed": async (on: Subject) => {
    const id = await on.submit();
    await claimOne(on.scripts);
    await on.redis.zadd(on.key("completed"), 1, id);

    expect(await on.scripts.prune()).toEqual({ pruned: 0, more: false });
    expect(await on.read(id)).toMatchObject({ status: "running" });
  },

  "a job does not free a unique slot that another job holds": async (on: Subject) => {
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

  "a refused submit writes no key": async (on: Subject) => {
    await on.submit({ uniqueKey: "u" });
    await on.submit({ uniqueKey: "u", idempotencyKey: "k" });

    expect(await on.redis.exists(on.key("idem:resize:1:k"))).toBe(0);
  },

  "a queue with the key layout of a newer version is refused": async (on: Subject) => {
    await on.scripts.open();
    expect(await on.redis.hget(on.key("meta"), "layout")).toBe("2");
    await on.redis.hset(on.key("meta"), "layout", 3);

    await expect(on.scripts.open()).rejects.toMatchObject({ code: "unsupported_redis" });
  },
};
