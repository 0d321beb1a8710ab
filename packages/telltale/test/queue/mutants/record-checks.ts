import { changeRecord } from "@telltale/testkit";
import { expect } from "vitest";
import { complete } from "../../../src/queue/scripts/lifecycle/complete.js";
import { release } from "../../../src/queue/scripts/lifecycle/release.js";
import { runScript } from "../../../src/queue/scripts/run-script.js";
import { claimAll, claimOne, ERROR, LEASE_MS, LINE, OUTPUT } from "../harness.js";
import type { Subject } from "./subject.js";

const WORKER_LOST = expect.stringContaining("worker_lost");

/** The record of a job, and of its idempotency and unique keys. */
export const recordChecks = {
  "a job's input, options, output and errors are on record": async (on: Subject) => {
    const { scripts, clock } = on;
    const id = await on.submit({ owner: "u1", tags: ["red"], input: { width: 5 }, attempts: 1 });
    const lost = await claimOne(scripts);
    clock.advance(LEASE_MS + 1);
    await scripts.reclaim(LEASE_MS);

    expect(lost).toMatchObject({ owner: "u1", tags: ["red"], attempt: 1, attempts: 1, round: 1 });
    expect(lost.input).toContain("5");
    expect(await on.read(id)).toMatchObject({ status: "failed", owner: "u1", error: WORKER_LOST });
    await scripts.rerun(id, 1);
    await scripts.fail({ ...(await claimOne(scripts)), error: ERROR, retryInMs: null, pending: null });
    expect(await on.read(id)).toMatchObject({ status: "failed", error: ERROR });
    await scripts.rerun(id, 2);
    await scripts.complete({ ...(await claimOne(scripts)), output: OUTPUT, pending: null });
    expect(await on.read(id)).toMatchObject({ status: "completed", output: OUTPUT, round: 3, error: null });
  },

  "a submit to another queue finds the job that holds a key": async (on: Subject) => {
    const { scripts } = on;
    const keys = { idempotencyKey: "k", uniqueKey: "u" };
    const prepare = (options: object, width = 1) =>
      on.telltale.$engine.prepare({ kind: "resize", input: { width }, ...options });
    const id = await on.submit({ ...keys, owner: "ann" });

    const job = { ...(await prepare({})), id };
    expect(await scripts.findExisting(job)).toEqual(["existing", id, "queued"]);
    expect(await scripts.findExisting(await prepare({ ...keys, owner: "ann" }))).toEqual(["existing", id, "queued"]);
    const conflict = await prepare({ idempotencyKey: "k", owner: "ann" }, 2);
    expect(await scripts.findExisting(conflict)).toEqual(["idempotency_conflict", id]);
    const unique = await prepare({ uniqueKey: "u", owner: "ann" });
    expect(await scripts.findExisting(unique)).toEqual(["unique_conflict", id]);
    expect(await scripts.findExisting(await prepare({ ...keys, owner: "bob" }))).toEqual(["none"]);
    expect(await scripts.stats()).toMatchObject({ jobs: { queued: 1 } });
  },

  "the statistics of a queue contain whether it has workers": async (on: Subject) => {
    const { scripts, clock } = on;
    const worked = () => on.redis.hget(on.key("meta"), "worked");
    expect(await scripts.stats()).toMatchObject({ hasWorkers: false });

    await claimAll(scripts);
    const first = await worked();
    expect(first).toBe(String(clock.now()));
    clock.advance(9_999);
    await claimAll(scripts);
    expect(await worked()).toBe(first);
    for (let i = 0; i < 20; i++) {
      clock.advance(5_000);
      await claimAll(scripts);
      expect(await scripts.stats()).toMatchObject({ hasWorkers: true });
    }
    clock.advance(-3_600_000);
    await claimAll(scripts);
    expect(await scripts.stats()).toMatchObject({ hasWorkers: true });
  },

  "a queue whose workers have no free slot has workers": async ({ scripts, clock }: Subject) => {
    for (let i = 0; i < 20; i++) {
      clock.advance(5_000);
      await scripts.promote();
      expect(await scripts.stats()).toMatchObject({ hasWorkers: true });
    }
  },

  "a repeated settling call returns its first reply": async (on: Subject) => {
    await on.submit();
    const item = { ...(await claimOne(on.scripts)), output: OUTPUT, pending: null };
    const settle = (): Promise<unknown> => runScript(on.target, complete, { items: [item], rememberMs: 1_000 });

    expect([await settle(), await settle()]).toEqual([[["completed", 3]], [["completed", 3]]]);
    await on.scripts.rerun(item.id, 1);
    expect(await settle()).toEqual([["completed", 3]]);
  },

  "a repeated call that gave a job back returns its first reply": async (on: Subject) => {
    await on.submit();
    const lease = await claimOne(on.scripts);
    const give = (): Promise<unknown> => runScript(on.target, release, { items: [lease], rememberMs: 1_000 });

    expect([await give(), await give()]).toEqual([[["queued", 3]], [["queued", 3]]]);
  },

  "a cancel of the previous round does not count as a repeat in the current one": async (on: Subject) => {
    const id = await on.submit();
    await on.scripts.cancel(id, "first");
    await on.scripts.rerun(id, 1);
    const lease = await claimOne(on.scripts);
    await on.scripts.cancel(id, "second");
    await on.scripts.complete({ ...lease, output: OUTPUT, pending: null });

    expect(await on.scripts.cancel(id, "first")).toBe("already_finished");
    await on.scripts.rerun(id, 2);
    expect(await on.read(id)).toMatchObject({ status: "queued", cancelRequested: false });
  },

  "a rerun is refused while another job holds its unique key": async (on: Subject) => {
    const id = await on.submit({ uniqueKey: "u" });
    await on.scripts.cancel(id);
    await on.submit({ uniqueKey: "u" });

    await expect(on.scripts.rerun(id, 1)).rejects.toMatchObject({ code: "unique_conflict" });
  },

  "an owner's outstanding jobs and bytes are counted": async (on: Subject) => {
    const id = await on.submit({ owner: "ann" });
    await on.submit({ owner: "ann" });
    await on.submit();
    await on.scripts.cancel(id);

    expect(await on.redis.hgetall(on.key("outstanding"))).toEqual({ "jobs:ann": "1", "bytes:ann": "20" });
  },

  "a rerun is refused beyond the limits of the account for which the job counts": async (on: Subject) => {
    const quota = { account: "address:a", jobs: null, bytes: null };
    const id = await on.submit({ owner: "ann", quota });
    await on.scripts.cancel(id);
    await on.submit({ owner: "bob", quota });
    const tooMany = { code: "too_many" };

    await expect(on.scripts.rerun(id, 1, { jobs: 1, bytes: 1_000 })).rejects.toMatchObject(tooMany);
    await expect(on.scripts.rerun(id, 1, { jobs: 2, bytes: 30 })).rejects.toMatchObject(tooMany);
    expect(await on.read(id)).toMatchObject({ status: "cancelled" });
    await on.scripts.rerun(id, 1, { jobs: 2, bytes: 40 });
    await on.scripts.rerun(id, 1, { jobs: 2, bytes: 40 });
  },

  "jobs whose records were deleted in Redis count until no job is unfinished, and other jobs count on": async (
    on: Subject,
  ) => {
    const { scripts, redis } = on;
    const counted = (): Promise<Record<string, string>> => redis.hgetall(on.key("outstanding"));
    const both = { "jobs:ann": "2", "bytes:ann": "40" };
    const gone = await on.submit({ owner: "ann" });
    await redis.del(on.key(`job:${gone}`));
    const left = await on.submit({ owner: "ann" });
    // In turn, the remaining job waits, runs, is retried, has a limit key and is damaged.
    await scripts.prune();
    expect(await counted()).toEqual(both);
    const lease = await claimOne(scripts);
    await scripts.prune();
    expect(await counted()).toEqual(both);
    await scripts.fail({ ...lease, error: ERROR, retryInMs: 1_000, pending: null });
    await scripts.prune();
    expect(await counted()).toEqual(both);
    await scripts.cancel(left);
    const limited = await on.submit({ owner: "ann", limitKeys: { concurrency: "resize:a", rate: null } });
    await scripts.prune();
    expect(await counted()).toEqual(both);
    await changeRecord(redis, on.key(`job:${limited}`), { attempts: "many" });
    expect(await claimAll(scripts)).toEqual([]);
    await scripts.prune();
    expect(await counted()).toEqual(both);
    await scripts.condemn();
    await scripts.prune();

    expect(await counted()).toEqual({});
    expect((await scripts.stats()).jobs).toMatchObject({ scheduled: 0, queued: 0, running: 0, retrying: 0 });
  },

  "a claim returns the account for which a job counts": async (on: Subject) => {
    await on.submit({ owner: "ann" });
    await on.submit({ owner: "ann", quota: { account: "address:a", jobs: null, bytes: null } });

    expect((await claimAll(on.scripts)).map(({ account }) => account)).toEqual([null]);
    expect((await claimAll(on.scripts)).map(({ account }) => account)).toEqual(["address:a"]);
  },

  "a key never returns another owner's job": async (on: Subject) => {
    const keys = { idempotencyKey: "k", uniqueKey: "k" };
    const ids = [
      await on.submit({ ...keys, owner: "u1" }),
      await on.submit({ ...keys, owner: "u2" }),
      await on.submit(keys),
    ];

    expect(new Set(ids).size).toBe(3);
  },

  "an idempotency record expires after the end of its job, and is kept during a new round": async (on: Subject) => {
    const id = await on.submit({ idempotencyKey: "k" });
    const untilGone = async (): Promise<number> => on.redis.pttl(on.key("idem:resize:1:k"));

    expect(await untilGone()).toBe(-1);
    await on.scripts.cancel(id);
    expect(await untilGone()).toBeGreaterThan(86_400_000);
    await on.scripts.rerun(id, 1);
    expect(await untilGone()).toBe(-1);
  },

  "an idempotency record outlives the removal of its job": async (on: Subject) => {
    const id = await on.submit({ idempotencyKey: "k" });
    await on.scripts.cancel(id);
    on.clock.advance(8 * 86_400_000);
    await on.scripts.prune();

    expect(await on.scripts.read(id)).toBeNull();
    expect(await on.submit({ idempotencyKey: "k" })).toBe(id);
  },

  "a job does not change an idempotency key that another job has now": async (on: Subject) => {
    const record = on.key("idem:resize:1:k");
    const old = await on.submit({ idempotencyKey: "k" });
    await on.scripts.cancel(old);
    // As if it had expired.
    await on.redis.del(record);
    const next = await on.submit({ idempotencyKey: "k" });
    await on.scripts.cancel(next);

    await on.scripts.rerun(old, 1);
    expect(await on.redis.pttl(record)).toBeGreaterThan(0);
    await on.scripts.cancel(old);
    expect(await on.redis.get(record)).toContain(next);
  },

  "when a queue is drained and pruned, only its known keys are left": async (on: Subject) => {
    const { scripts } = on;
    await on.submit({ uniqueKey: "u", idempotencyKey: "k" });
    const [lease] = await claimAll(scripts);
    if (!lease) throw new Error("nothing to claim");
    await scripts.chunk({ ...lease, first: 1, pieces: ["a"] });
    await scripts.log({ ...lease, lines: [LINE] });
    await scripts.complete({ ...lease, output: OUTPUT, pending: null });
    on.clock.advance(25 * 3_600_000);
    await scripts.prune();

    const left = await on.redis.keys(`${on.prefix}:{resize}:*`);
    const forEver: string[] = [];
    for (const key of left) if ((await on.redis.pttl(key)) === -1) forEver.push(key);
    expect(forEver.sort()).toEqual([on.key("history"), on.key("meta")]);
    expect(left).toHaveLength(4);
  },
};
