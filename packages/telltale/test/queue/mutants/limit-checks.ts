import { LIMITS } from "telltale";
import { expect } from "vitest";
import type { LeasedJob } from "../../../src/queue/scripts/lifecycle/claim.js";
import { claimAll, claimOne, ERROR, LEASE_MS, LINE, OUTPUT } from "../harness.js";
import type { Subject } from "./subject.js";

const MINUTE = 60_000;

/** Limits of a call, of stored data and of memory. */
export const limitChecks = {
  "the doorbell holds at most 64 entries": async (on: Subject) => {
    await many(on, 100);

    expect(await on.redis.llen(on.key("bell"))).toBe(64);
  },

  "a feed keeps its last 64 changes": async (on: Subject) => {
    const id = await on.submit();
    for (let round = 1; round <= 33; round++) {
      await on.scripts.cancel(id);
      await on.scripts.rerun(id, round);
    }

    const { feed, seq } = await on.read(id);
    expect([seq, feed.length, feed.at(-1)?.seq]).toEqual([67, 64, 67]);
  },

  "a claim takes at most a hundred jobs": async (on: Subject) => {
    await many(on, 408);

    expect(await claimAll(on.scripts, 1_000)).toHaveLength(100);
  },

  "a claim skips two hundred cancelled jobs and says that there are more": async (on: Subject) => {
    const ids = await many(on, 201);
    for (const id of ids.slice(0, 200)) await on.scripts.cancel(id);
    const claim = (request: string): ReturnType<typeof on.scripts.claim> =>
      on.scripts.claim({ loop: "l", request, room: 1, leaseMs: LEASE_MS });

    expect(await claim("r1")).toMatchObject({ jobs: [], more: true });
    expect(await claim("r2")).toMatchObject({ jobs: [{ id: ids[200] }], more: false });
  },

  "one of sixteen claimed jobs has the lowest priority": async (on: Subject) => {
    const low = await on.submit({ priority: "low" });
    for (let i = 0; i < 20; i++) await on.submit({ priority: "urgent" });

    const handed: string[] = [];
    for (let i = 0; i < 16; i++) handed.push((await claimOne(on.scripts)).id);

    expect(handed.indexOf(low)).toBe(15);
  },

  "low-priority jobs with and without keys take turns": async (on: Subject) => {
    const keyed = new Set<string>();
    for (let i = 0; i < 3; i++) {
      keyed.add(await on.submit({ priority: "low", limitKeys: { concurrency: `resize:${i}`, rate: null } }));
      await on.submit({ priority: "low" });
    }
    for (let i = 0; i < 60; i++) await on.submit();

    const low: boolean[] = [];
    for (let i = 0; i < 64; i++) {
      const { id } = await claimOne(on.scripts);
      if (i % 16 === 15) low.push(keyed.has(id));
    }

    expect(low).toEqual([false, true, false, true]);
  },

  "a claim returns whether there are more jobs and when the next one is due": async (on: Subject) => {
    await on.submit();
    await on.submit();
    await on.submit({ delayMs: 500 });
    const request = { loop: "l", room: 1, leaseMs: LEASE_MS };

    expect(await on.scripts.claim({ ...request, request: "a" })).toMatchObject({ more: true, nextDueInMs: 500 });
    expect(await on.scripts.claim({ ...request, request: "b" })).toMatchObject({ more: false, nextDueInMs: 500 });
    expect(await on.scripts.promote()).toEqual({ promoted: 0, nextDueInMs: 500 });
  },

  "a claim returns whether the queue needs no upkeep: only if nothing waits, runs or is scheduled": async (
    on: Subject,
  ) => {
    let requests = 0;
    const claimed = async (): Promise<{ deserted: boolean }> => {
      requests += 1;
      return on.scripts.claim({ loop: "l", request: String(requests), room: 1, leaseMs: LEASE_MS });
    };
    expect(await claimed()).toMatchObject({ deserted: true });
    const id = await on.submit({ startWithinMs: 5, delayMs: 5 });
    expect(await claimed()).toMatchObject({ jobs: [], deserted: false });
    await on.scripts.cancel(id);
    expect(await claimed()).toMatchObject({ deserted: true });

    await on.submit();
    const lease = await claimOne(on.scripts);
    expect(await claimed()).toMatchObject({ jobs: [], deserted: false });
    await on.scripts.complete({ ...lease, output: OUTPUT, pending: null });
    expect(await claimed()).toMatchObject({ deserted: true });

    await on.submit();
    await on.scripts.pause();
    expect(await claimed()).toMatchObject({ jobs: [], deserted: false });
    await on.redis.del(on.key("waiting:normal"));
    expect(await claimed()).toMatchObject({ deserted: true });
    await on.scripts.resume();

    expect(await on.redis.llen(on.key("bell"))).toBe(1);
    await on.scripts.setSchedule({ name: "s", definition: "t\nr\ns", nextMs: on.clock.now() + 60_000, limit: 1 });
    expect(await claimed()).toMatchObject({ deserted: false });
  },

  "retention keeps the newest jobs up to its count, and every job for a minute": async (on: Subject) => {
    const kept = { ageMs: 7 * 86_400_000, count: 1 };
    const scripts = on.scriptsWith({ retention: { completed: kept, failed: kept } });
    const ids = await many(on, 3);
    for (const id of ids) await on.scripts.cancel(id);

    on.clock.advance(MINUTE - 1);
    expect(await scripts.prune()).toEqual({ pruned: 0, more: false });
    on.clock.advance(1);
    expect(await scripts.prune()).toEqual({ pruned: 2, more: false });
  },

  "the chunks of a job are limited in size": async (on: Subject) => {
    const id = await on.submit();
    const lease = await claimOne(on.scripts);
    const big = "x".repeat(LIMITS.jobChunkBytes - 1);

    expect(await on.scripts.chunk({ ...lease, first: 1, pieces: [big] })).toBe("stored");
    expect(await on.scripts.chunk({ ...lease, first: 2, pieces: ["yy", "z"] })).toBe("truncated");
    expect(await on.scripts.chunk({ ...lease, first: 4, pieces: ["z"] })).toBe("truncated");
    expect(await on.redis.llen(on.key(`chunks:${id}`))).toBe(2);
  },

  "a full Redis accepts no new work": (on: Subject) =>
    whenFull(on, async ({ finished, leases: [a] }) => {
      await refused(on.submit());
      await refused(on.scripts.rerun(finished, 1));
      await refused(on.scripts.progress({ ...a, n: 1, progress: "p" }));
      await refused(on.scripts.chunk({ ...a, first: 1, pieces: ["p"] }));
      await refused(on.scripts.log({ ...a, lines: [LINE] }));
      await refused(on.scripts.setSchedule({ name: "n", definition: "t\nr\n", nextMs: 1, limit: 1 }));
      await refused(on.scripts.fireSchedule({ name: "n", revision: "r", fromMs: 1, toMs: 2, fired: null }));
    }),

  "a full Redis can be drained": (on: Subject) =>
    whenFull(on, async ({ leases: [a, b, c] }) => {
      const { scripts, clock } = on;
      const d = await claimOne(scripts);
      expect(await scripts.extend([a], LEASE_MS)).toEqual(["extended"]);
      await scripts.markLog({ ...a, lines: [LINE] });
      await scripts.complete({ ...a, output: OUTPUT, pending: null });
      expect(await scripts.fail({ ...b, error: ERROR, retryInMs: 1, pending: null })).toBe("retrying");
      await scripts.release([c]);
      clock.advance(LEASE_MS + 1);
      expect(await scripts.reclaim(LEASE_MS)).toMatchObject({ reclaimed: 1 });
      expect(await scripts.promote()).toMatchObject({ promoted: 1 });
      expect(await scripts.cancel(d.id)).toBe("cancelled");
      await scripts.open();
      const job = await on.telltale.$engine.prepare({ kind: "resize", input: { width: 1 } });
      expect(await scripts.findExisting(job)).toEqual(["none"]);
      await scripts.pause();
      await scripts.resume();
      await scripts.runNow(b.id);
      await scripts.remove(d.id);
      await scripts.dueSchedules([]);
      await scripts.removeSchedule("n");
      clock.advance(25 * 3_600_000);
      expect(await scripts.prune()).toMatchObject({ pruned: 2 });
    }),
};

interface Filled {
  readonly finished: string;
  readonly leases: readonly [LeasedJob, LeasedJob, LeasedJob];
}

/** Runs the callback on a server that is over its maxmemory, with waiting, leased and finished jobs. */
async function whenFull(on: Subject, work: (filled: Filled) => Promise<void>): Promise<void> {
  const { scripts, redis } = on;
  await many(on, 40);
  const done = await claimOne(scripts);
  await scripts.complete({ ...done, output: OUTPUT, pending: null });
  const leases = [await claimOne(scripts), await claimOne(scripts), await claimOne(scripts)] as const;
  await redis.config("SET", "maxmemory", "1");
  try {
    await work({ finished: done.id, leases });
  } finally {
    await redis.config("SET", "maxmemory", "0");
  }
}

async function refused(call: Promise<unknown>): Promise<void> {
  await expect(call).rejects.toMatchObject({ code: "redis_full" });
}

async function many({ scripts, telltale }: Subject, count: number): Promise<string[]> {
  const job = await telltale.$engine.prepare({ kind: "resize", input: { width: 1 } });
  const ids = Array.from({ length: count }, (_, i) => `resize_${String(i).padStart(32, "0")}`);
  await scripts.submit(ids.map((id) => ({ ...job, id })));
  return ids;
}
