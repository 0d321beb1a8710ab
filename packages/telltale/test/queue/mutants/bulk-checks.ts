import { changeRecord } from "@telltale/testkit";
import { expect } from "vitest";
import { encode } from "../../../src/core/codec/codec.js";
import { claimAll, claimOne, ERROR } from "../harness.js";
import type { Subject } from "./subject.js";

/** Actions on many jobs. */
export const bulkChecks = {
  "a cancel of many changes those that still match, and a repeat changes nothing": async (on: Subject) => {
    const running = await on.submit();
    await claimOne(on.scripts);
    const [a, b, urgent] = [
      await on.submit(),
      await on.submit(),
      await on.submit({ priority: "high", tags: ["keep"] }),
    ];
    const damaged = await on.submit();
    await changeRecord(on.redis, on.key(`job:${damaged}`), { attempts: "many" });
    const missing = `resize_${"0".repeat(32)}`;
    const wanted = { status: ["queued", "running"], tag: undefined } as const;
    const ids = [running, a, b, damaged, missing];
    const cancel = () => on.scripts.cancelMany(ids, { ...wanted, status: [...wanted.status] }, "request");

    const words = ["requested", "cancelled", "cancelled", "unreadable", "gone"];
    on.clock.advance(5);
    expect(await cancel()).toEqual(words);
    const clock = await on.redis.hget(on.key("meta"), "clock");
    on.clock.advance(5);
    expect(await cancel()).toEqual(words);
    expect(await on.redis.hget(on.key("meta"), "clock")).toBe(clock);
    expect(clock).toBe(String(on.clock.now() - 5));
    expect(await on.scripts.cancelMany([a, urgent], { tag: "other" }, "second")).toEqual(["changed", "changed"]);
    expect((await on.read(urgent)).status).toBe("queued");
    expect(await on.scripts.stats()).toMatchObject({ jobs: { cancelled: 2, running: 1 } });
    // Running jobs that were asked to stop can be left out.
    expect((await on.scripts.listRunning({ ...EVERYTHING, wanted: { isUnasked: true } })).jobs).toEqual([]);
    expect(await on.scripts.cancelMany([running], { isUnasked: true }, "request")).toEqual(["requested"]);
  },

  "a rerun of many starts a round of those that still match, once, and wakes workers": async (on: Subject) => {
    const ids = [
      await on.submit({ uniqueKey: "u", owner: "ann" }),
      await on.submit(),
      await on.submit({ tags: ["t"] }),
    ];
    await failAll(on);
    const holder = await on.submit({ uniqueKey: "u", owner: "ann" });
    const wanted = { status: "failed" } as const;
    const jobs = ids.map((id) => ({ id, round: 1 }));
    await on.redis.del(on.key("bell"));
    const at = on.clock.now();
    on.clock.advance(7);

    expect(await on.scripts.rerunMany(jobs, { ...wanted, tag: "t" })).toEqual(["changed", "changed", "queued"]);
    expect(await on.scripts.rerunMany(jobs, { ...wanted, changedTo: at - 1 })).toEqual([
      "changed",
      "changed",
      "queued",
    ]);
    expect(await on.redis.llen(on.key("bell"))).toBe(1);
    expect(await on.scripts.rerunMany(jobs, wanted)).toEqual(["unique_conflict", "queued", "queued"]);
    expect(await on.redis.llen(on.key("bell"))).toBe(2);
    expect(await on.redis.hget(on.key("meta"), "clock")).toBe(String(at + 7));
    await on.scripts.cancel(holder);
    const none = { jobs: 0, bytes: null };
    expect(await on.scripts.rerunMany(jobs, wanted, none)).toEqual(["too_many", "queued", "queued"]);
    expect(await on.scripts.rerunMany(jobs, wanted, { jobs: 1, bytes: 1 })).toEqual(["too_many", "queued", "queued"]);
    expect(await on.scripts.rerunMany([{ id: holder, round: 1 }], { status: "failed" })).toEqual(["changed"]);
    expect((await on.read(ids[2] ?? "")).round).toBe(2);
  },

  "a rerun of jobs with large outputs answers for the first ones": async (on: Subject) => {
    const ids: string[] = [];
    for (let i = 0; i < 9; i++) {
      ids.push(await on.submit());
      const output = encode("x".repeat(200_000));
      await on.scripts.complete({ ...(await claimOne(on.scripts)), output, pending: null });
    }
    const jobs = ids.map((id) => ({ id, round: 1 }));

    expect(await on.scripts.rerunMany(jobs, { status: "completed" })).toHaveLength(6);
  },

  "a removal of many deletes finished jobs that still match": async (on: Subject) => {
    const ids = [await on.submit(), await on.submit({ tags: ["keep"] })];
    await failAll(on);
    const waiting = await on.submit();
    const missing = `resize_${"0".repeat(32)}`;

    expect(await on.scripts.removeMany([...ids, missing], { tag: "other" })).toEqual(["changed", "changed", "removed"]);
    expect(await on.scripts.removeMany([ids[0] ?? "", waiting], {})).toEqual(["removed", "changed"]);
    expect(await on.redis.exists(on.key(`job:${ids[0]}`), on.key(`feed:${ids[0]}`))).toBe(0);
    expect(await on.redis.exists(on.key(`job:${ids[1]}`), on.key(`job:${waiting}`))).toBe(2);
  },

  "delayed jobs that still match are queued before they are due, and wake workers": async (on: Subject) => {
    const ids = [await on.submit({ delayMs: 60_000 }), await on.submit({ delayMs: 60_000, tags: ["t"] })];
    const ended = await on.submit();
    await failAll(on);
    await on.redis.del(on.key("bell"));
    on.clock.advance(3);

    expect(await on.scripts.runManyNow(ids, { tag: "t" })).toEqual(["changed", "queued"]);
    expect(await on.redis.llen(on.key("bell"))).toBe(1);
    expect(await on.redis.hget(on.key("meta"), "clock")).toBe(String(on.clock.now()));
    expect(await on.scripts.runManyNow([...ids, ended], { status: "scheduled" })).toEqual([
      "queued",
      "queued",
      "changed",
    ]);
    expect(await on.scripts.runManyNow([ended], {})).toEqual(["changed"]);
    expect(await on.scripts.stats()).toMatchObject({ jobs: { queued: 2, scheduled: 0, failed: 1 } });
  },

  "a queue is deleted only if it is paused and runs no job, a few jobs per call, with all its keys": async (
    on: Subject,
  ) => {
    const { scripts, redis } = on;
    const limitKeys = { concurrency: "resize:a", rate: "resize:r" };
    const some = { owner: "ann", tags: ["t"], idempotencyKey: "i" };
    await scripts.open();
    await on.submit(some);
    await failAll(on);
    await on.submit({ limitKeys });
    await on.submit({ limitKeys: { concurrency: "resize:b", rate: null } });
    await on.submit({ delayMs: 60_000 });
    await on.submit();
    for (const [name, place] of [
      ["suspects", "waiting"],
      ["aside", ""],
    ] as const) {
      const id = await on.submit();
      await changeRecord(redis, on.key(`job:${id}`), { status: "weird" });
      await redis.lrem(on.key("waiting:normal"), 0, id);
      await redis.zadd(on.key(name), 1, name === "aside" ? `${id}\nwaiting\nbad` : `${place}\n${id}`);
    }
    await redis.sadd(on.key("slots:resize:a"), "x");
    await redis.zadd(on.key("blocked:resize:a"), 1, "x");
    await redis.lpush(on.key("starts:resize:r"), "1");

    expect(await scripts.obliterate(3)).toEqual(["not_paused"]);
    await scripts.pause();
    await redis.zadd(on.key("leases"), 1, "x");
    expect(await scripts.obliterate(3)).toEqual(["running", 1]);
    await redis.zrem(on.key("leases"), "x");
    expect(await scripts.obliterate(3)).toEqual(["obliterated", 3, 1]);
    expect((await redis.keys(on.key("job:*"))).length).toBe(4);
    await expect(scripts.resume()).rejects.toMatchObject({ code: "invalid_input" });
    while ((await scripts.obliterate(3))[2] === 1);
    await scripts.resume();
    const left = (await redis.keys(on.key("*"))).map((key) => key.slice(on.key("").length));
    expect(left.filter((key) => !key.startsWith("claim:"))).toEqual(["meta"]);
    expect(await redis.hkeys(on.key("meta"))).toEqual(["layout"]);
    expect(await scripts.obliterate(3)).toEqual(["obliterated", 0, 0]);
  },
} as const;

const EVERYTHING = { limit: 50, span: { from: 0, to: 1e15 }, after: null, afterExpiry: null };

async function failAll(on: Subject): Promise<void> {
  for (let leases = await claimAll(on.scripts); leases.length > 0; leases = await claimAll(on.scripts)) {
    for (const lease of leases) await on.scripts.fail({ ...lease, error: ERROR, retryInMs: null, pending: null });
  }
}
