import { type JobPage, type JobSummary, PRIORITIES } from "telltale";
import { expect } from "vitest";
import { encode } from "../../../src/core/codec/codec.js";
import type { ListInput } from "../../../src/core/wire/wire.js";
import { toDetail } from "../../../src/queue/read/job-detail.js";
import { listJobs } from "../../../src/queue/read/list-jobs.js";
import type { LeasedJob } from "../../../src/queue/scripts/lifecycle/claim.js";
import type { QueueScripts } from "../../../src/queue/scripts/queue-scripts.js";
import { claimAll, claimOne, ERROR, LEASE_MS, OUTPUT } from "../harness.js";
import type { Subject } from "./subject.js";

const BUSY = encode({ code: "busy", message: "no" });
const WEEK = 7 * 86_400_000;

/** Lists, details and statistics. */
export const listingChecks = {
  "failed and cancelled jobs are found by code and by every tag": async (on: Subject) => {
    const failed = await failedJob(on, { tags: ["a", "b"] });
    const cancelled = await on.submit({ tags: ["b"] });
    await on.scripts.cancel(cancelled);
    const lost = await on.submit({ attempts: 1 });
    await claimOne(on.scripts);
    on.clock.advance(LEASE_MS + 1);
    await on.scripts.reclaim(LEASE_MS);

    expect(await ids(on, { status: "failed", code: "busy" })).toEqual([failed]);
    expect(await ids(on, { status: "failed", tag: "a" })).toEqual([failed]);
    expect(await ids(on, { status: "failed", tag: "b" })).toEqual([failed]);
    expect(await ids(on, { status: "cancelled", tag: "b" })).toEqual([cancelled]);
    expect(await ids(on, { code: "worker_lost" })).toEqual([lost]);
    expect(await ids(on, { code: "busy", tag: "c" })).toEqual([]);
  },

  "a rerun job leaves every index of its earlier round": async (on: Subject) => {
    const id = await failedJob(on, { tags: ["a"] });
    await on.scripts.rerun(id, 1);
    expect(await indexKeys(on)).toEqual([]);
    await on.scripts.cancel(id);

    expect(await indexKeys(on)).toEqual(["cancelled:tag:a"]);
  },

  "a job that never fails is only in its owner's index, from its submit": async (on: Subject) => {
    const { scripts, clock } = on;
    await on.submit({ tags: ["a"] });
    await scripts.complete({ ...(await claimOne(scripts)), output: OUTPUT, pending: null });
    expect(await indexKeys(on)).toEqual([]);
    const id = await on.submit({ owner: "ann" });
    const at = clock.now();
    clock.advance(5);
    await scripts.complete({ ...(await claimOne(scripts)), output: OUTPUT, pending: null });

    expect(await indexKeys(on)).toEqual(["owner:ann"]);
    expect(await on.redis.zscore(on.key("owner:ann"), id)).toBe(String(at));
  },

  "an index is sorted by the time at which its jobs ended": async (on: Subject) => {
    const job = await on.telltale.$engine.prepare({ kind: "resize", input: { width: 1 } });
    const expected: string[] = [];
    for (let i = 0; i < 8; i++) {
      // Descending, because ids normally increase with time and would hide a sort by id.
      const id = `resize_${String(9 - i).padStart(32, "0")}`;
      await on.scripts.submit([{ ...job, id }]);
      await on.scripts.fail({ ...(await claimOne(on.scripts)), error: BUSY, retryInMs: null, pending: null });
      expected.unshift(id);
      on.clock.advance(1);
    }

    expect(await ids(on, { code: "busy" }, 3)).toEqual(expected);
  },

  "retention and removal take a job out of every index, and delete its errors": async (on: Subject) => {
    const id = await failedJob(on, { owner: "ann", tags: ["a"] });
    await on.scripts.remove(id);
    expect(await indexKeys(on)).toEqual([]);
    await failedJob(on, { owner: "ann", tags: ["a"] });
    on.clock.advance(WEEK);
    await on.scripts.prune();

    expect(await indexKeys(on)).toEqual([]);
  },

  "a job's last ten errors are on record, each with its attempt": async (on: Subject) => {
    const id = await on.submit({ attempts: 25 });
    for (let i = 0; i < 11; i++) {
      await on.scripts.fail({ ...(await claimOne(on.scripts)), error: BUSY, retryInMs: 1, pending: null });
      on.clock.advance(1);
      await on.scripts.promote();
    }
    await claimOne(on.scripts);
    on.clock.advance(LEASE_MS + 1);
    await on.scripts.reclaim(LEASE_MS);

    const record = await on.scripts.detail(id);
    if (!record) throw new Error("no detail");
    const { errors, ...detail } = toDetail(id, record, { isOperator: true, hidden: [], showsInput: true });
    expect(errors.map(({ attempt, round }) => [round, attempt])).toEqual(
      [3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((attempt) => [1, attempt]),
    );
    expect(errors.at(-1)).toMatchObject({ code: "worker_lost", at: on.clock.now() });
    expect(detail).toMatchObject({ status: "retrying", attempts: 25, runAt: on.clock.now() + 60_000 });
    expect(await on.scripts.detail("resize_0")).toBeNull();
  },

  "pages of jobs that failed in one millisecond are complete, even if the last job of a page is removed": async (
    on: Subject,
  ) => {
    for (let i = 0; i < 23; i++) await failedJob(on, { owner: "ann" });
    on.clock.advance(1);
    const newest = await failedJob(on);
    const expected = (await on.redis.zrange(on.key("failed"), "0", "-1")).map(String).reverse();
    expect(expected[0]).toBe(newest);

    expect(await ids(on, { status: "failed" }, 4)).toEqual(expected);
    expect(await ids(on, { status: "failed" }, 4, (page) => on.scripts.remove(page.at(-1)?.id ?? ""))).toEqual(
      expected,
    );
  },

  "a list respects its time range": async (on: Subject) => {
    const from = new Date(on.clock.now());
    const failed: string[] = [];
    for (let i = 0; i < 4; i++) {
      failed.unshift(await failedJob(on));
      on.clock.advance(1);
    }
    const between = { from: new Date(from.getTime() + 1), to: new Date(from.getTime() + 2) };
    expect(await ids(on, { status: "failed", ...between }, 1)).toEqual(failed.slice(1, 3));
    const start = on.clock.now();
    const queued: string[] = [];
    for (let i = 0; i < 8; i++) {
      queued.unshift(await on.submit());
      on.clock.advance(1);
    }
    const middle = { from: new Date(start + 5), to: new Date(start + 6) };
    expect(await ids(on, { status: "queued", ...middle })).toEqual(queued.slice(1, 3));
    const running: string[] = [];
    for (let i = 0; i < 4; i++) {
      running.unshift((await claimOne(on.scripts)).id);
      on.clock.advance(1);
    }
    const last = { from: new Date(start + 9), to: new Date(start + 10) };
    expect(await ids(on, { status: "running", ...last })).toEqual(running.slice(1, 3));
    const page = await on.scripts.listSorted({
      set: "failed",
      limit: 50,
      span: { from: 0, to: from.getTime() },
      after: { time: from.getTime() + 9, id: "resize_0" },
      wanted: {},
    });
    expect(page.jobs.map(({ id }) => id)).toEqual(failed.slice(3));
  },

  "a list returns exactly the jobs that match its filter": async (on: Subject) => {
    const anns = await failedJob(on, { owner: "ann", tags: ["a"] });
    const bobs = await failedJob(on, { owner: "bob", tags: ["a"], error: ERROR });
    const done = await on.submit({ owner: "ann", tags: ["b"] });
    await on.scripts.fail({ ...(await claimOne(on.scripts)), error: BUSY, retryInMs: 1, pending: null });
    on.clock.advance(1);
    await on.scripts.promote();
    await on.scripts.complete({ ...(await claimOne(on.scripts)), output: OUTPUT, pending: null });

    expect(await ids(on, { owner: "ann" })).toEqual([done, anns]);
    expect(await ids(on, { owner: "ann", status: "failed" })).toEqual([anns]);
    expect(await ids(on, { owner: "ann", code: "busy" })).toEqual([anns]);
    expect(await ids(on, { owner: "bob", code: "busy" })).toEqual([]);
    expect(await ids(on, { owner: "ann", tag: "a" })).toEqual([anns]);
    expect(await ids(on, { tag: "a", owner: "bob" })).toEqual([bobs]);
    expect(await ids(on, { kind: "archive", status: "failed" })).toEqual([]);
    // An entry of another owner's job, which Telltale itself would never write.
    await on.redis.zadd(on.key("owner:ann"), 1, bobs);
    expect(await ids(on, { owner: "ann" })).toEqual([done, anns]);
    const [first] = (await pages(on, { owner: "ann", status: "completed" }))[0]?.jobs ?? [];
    expect(first).toEqual(expect.not.objectContaining({ error: expect.anything() }));
  },

  "a list matches parts of ids, tags and messages, numbers of attempts, and times": async (on: Subject) => {
    const stored = (message: string, detail?: string) => encode({ code: "busy", message, ...(detail && { detail }) });
    const start = on.clock.now();
    const a = await failedJob(on, { tags: ["nightly", "eu.west"], error: stored("Busy.", "Disk FULL (100%) on db7") });
    on.clock.advance(10);
    const b = await failedJob(on, { tags: ["night"], error: stored("Busy.") });
    on.clock.advance(10);
    const c = await on.submit({ tags: ["weekly"] });
    await on.scripts.fail({ ...(await claimOne(on.scripts)), error: stored("Full"), retryInMs: 1, pending: null });
    on.clock.advance(1);
    await on.scripts.promote();
    await on.scripts.complete({ ...(await claimOne(on.scripts)), output: OUTPUT, pending: null });
    on.clock.advance(9);
    const d = await on.submit({ delayMs: 60_000 });
    const at = (ms: number) => new Date(start + ms);

    expect(await ids(on, { status: ["failed", "scheduled"] })).toEqual([d, b, a]);
    expect(await ids(on, { status: "cancelled" })).toEqual([]);
    expect(await ids(on, { tag: "night" })).toEqual([b]);
    expect(await ids(on, { tagPrefix: "night" })).toEqual([b, a]);
    expect(await ids(on, { tagPrefix: "west" })).toEqual([]);
    expect(await ids(on, { idPrefix: a.slice(0, -1) })).toEqual(a.slice(0, -1) === b.slice(0, -1) ? [b, a] : [a]);
    expect(await ids(on, { idPrefix: `${a.slice(0, -8)}zzzzzzzz` })).toEqual([]);
    expect(await ids(on, { minAttempts: 1 })).toEqual([c, b, a]);
    expect(await ids(on, { minAttempts: 2 })).toEqual([c]);
    expect(await ids(on, { submittedFrom: at(10), submittedTo: at(20) })).toEqual([c, b]);
    expect(await ids(on, { submittedTo: at(9) })).toEqual([a]);
    expect(await ids(on, { endedFrom: at(10), endedTo: at(21) })).toEqual([c, b]);
    expect(await ids(on, { endedTo: at(20) })).toEqual([b, a]);
    expect(await ids(on, { errorText: "disk full (100%) on DB7" })).toEqual([a]);
    expect(await ids(on, { errorText: "full" })).toEqual([a]);
    expect(await ids(on, { errorText: "busy" })).toEqual([b]);
    expect(await ids(on, { errorText: "..." })).toEqual([]);
    // Sets that contain jobs of other times too are filtered like others.
    for (const set of ["completed", "failed"]) {
      const asked = { set, limit: 50, span: { from: 0, to: 1e15 }, after: null };
      expect(
        (await on.scripts.listSorted({ ...asked, wanted: { endedFrom: at(11) } })).jobs.map(({ id }) => id),
      ).toEqual(set === "completed" ? [c] : []);
    }
    const scheduled = { set: "scheduled:normal", limit: 50, span: { from: 0, to: 1e15 }, after: null };
    expect((await on.scripts.listSorted({ ...scheduled, wanted: { endedFrom: at(0) } })).jobs).toEqual([]);
    const completed = { ...scheduled, set: "completed" };
    const failed = { ...scheduled, set: "failed", wanted: { tag: "night" } };
    expect((await on.scripts.listSorted(failed)).jobs.map(({ id }) => id)).toEqual([b]);
    expect((await on.scripts.listSorted({ ...completed, wanted: { errorText: "full" } })).jobs).toEqual([]);
    expect((await on.scripts.listSorted({ ...completed, wanted: { code: "busy" } })).jobs).toEqual([]);
    const quoting = await failedJob(on, { error: stored("no", 'say "no"\\') });
    expect(await ids(on, { errorText: 'SAY "no"\\' })).toEqual([quoting]);
  },

  "failed jobs with a code are counted by kind, from the newest, a few per call": async (on: Subject) => {
    const start = on.clock.now();
    for (let i = 0; i < 3; i++) {
      await failedJob(on);
      on.clock.advance(1);
    }
    await failedJob(on, { error: ERROR });
    await on.redis.zadd(on.key("failed:code:busy"), start + 9, `some_kind_${"0".repeat(32)}`);

    expect(await on.scripts.failures({ code: "busy", first: 0, limit: 3 })).toEqual({
      groups: [
        { kind: "some_kind", count: 1, firstAt: start + 9, lastAt: start + 9 },
        { kind: "resize", count: 2, firstAt: start + 1, lastAt: start + 2 },
      ],
      more: true,
    });
    expect(await on.scripts.failures({ code: "busy", first: 3, limit: 3 })).toEqual({
      groups: [{ kind: "resize", count: 1, firstAt: start, lastAt: start }],
      more: false,
    });
  },

  "a call that searches errors stops after 256 KB of them": async (on: Subject) => {
    const error = encode({ code: "busy", message: "no", detail: "x".repeat(16_000) });
    for (let i = 0; i < 20; i++) await failedJob(on, { error });

    const found = await pages(on, { errorText: "y" });
    expect(found.map(({ seen }) => seen)).toEqual([17, 3]);
  },

  "a call reads two hundred entries and returns where to continue": async (on: Subject) => {
    const job = await on.telltale.$engine.prepare({ kind: "resize", input: { width: 1 }, owner: "ann" });
    const some = Array.from({ length: 401 }, (_, i) => ({ ...job, id: `resize_${String(i).padStart(32, "0")}` }));
    await on.scripts.submit(some);

    expect((await pages(on, { owner: "ann", tag: "x" })).length).toBe(3);
    expect((await pages(on, { status: "queued", tag: "x" })).length).toBe(3);
    expect((await pages(on, { owner: "ann" })).map(({ jobs }) => jobs.length)).toEqual([...Array(8).fill(50), 1]);
  },

  "pages of running jobs are ordered by the time of their claim": async (on: Subject) => {
    const expected: string[] = [];
    const leases: LeasedJob[] = [];
    for (let i = 0; i < 12; i++) await on.submit();
    for (let i = 0; i < 12; i++) {
      leases.push(await claimOne(on.scripts));
      if (i % 3 === 2) on.clock.advance(1);
    }
    for (let i = 9; i >= 0; i -= 3) {
      expected.push(
        ...leases
          .slice(i, i + 3)
          .map(({ id }) => id)
          .sort()
          .reverse(),
      );
    }

    const seen = await ids(on, { status: "running" }, 2, async () => {
      on.clock.advance(1);
      await on.scripts.extend(leases.slice(0, 7), LEASE_MS);
    });
    expect(seen).toEqual(expected);
  },

  "running jobs that were claimed in one millisecond are sorted by the bytes of their ids": async (on: Subject) => {
    const job = await on.telltale.$engine.prepare({ kind: "resize", input: { width: 1 } });
    const parts = [
      ["0", "0"],
      ["0", "1"],
      ["1", "0"],
    ].flatMap(([middle, high]) => ["0", "1"].map((low) => `${high?.repeat(12)}${middle?.repeat(12)}${low.repeat(8)}`));
    const all = [...parts.map((hex) => `resize_${hex}`), `rescue_${"f".repeat(32)}`, `reticle_${"0".repeat(32)}`];
    await on.scripts.submit(all.map((id) => ({ ...job, id })));
    for (const _ of all) await claimOne(on.scripts);

    expect(await ids(on, { status: "running" }, 3)).toEqual([...all].sort().reverse());
  },

  "all running jobs are listed, five hundred per call, and those of one millisecond together": async (on: Subject) => {
    const job = await on.telltale.$engine.prepare({ kind: "resize", input: { width: 1 } });
    const all = Array.from({ length: 1_220 }, (_, i) => `resize_${String(i).padStart(32, "0")}`);
    for (let from = 0; from < all.length; from += 610) {
      await on.scripts.submit(all.slice(from, from + 610).map((id) => ({ ...job, id })));
      const before = (await on.scripts.stats()).jobs.running;
      while ((await on.scripts.stats()).jobs.running < before + 600) await claimAll(on.scripts, 20);
      on.clock.advance(1);
      while ((await on.scripts.stats()).jobs.queued > 0) await claimAll(on.scripts, 20);
      on.clock.advance(1);
    }
    const asked = {
      limit: 1,
      span: { from: 0, to: 1e15 },
      after: null,
      afterExpiry: null,
      wanted: {},
    };

    const { nextExpiry } = await on.scripts.listRunning(asked);
    expect(nextExpiry).toBe(on.clock.now() - 4 + LEASE_MS);
    expect((await on.scripts.listRunning({ ...asked, afterExpiry: nextExpiry })).nextExpiry).toBe(
      (nextExpiry ?? 0) + 2,
    );
    expect((await ids(on, { status: "running" }, 700)).toSorted()).toEqual(all);
  },

  "a queued job with a limit key is listed, and counted as the oldest, until it leaves its place": async (
    on: Subject,
  ) => {
    const limitKeys = { concurrency: "resize:a", rate: null };
    const rated = { concurrency: null, rate: "resize:r" };
    const oldest = on.clock.now();
    const [first, second] = [await on.submit({ limitKeys, tags: ["t"] }), await on.submit({ limitKeys: rated })];
    on.clock.advance(5);
    await on.submit();
    const last = await on.submit({ limitKeys, delayMs: 1_000 });

    expect(await ids(on, { tag: "t" })).toEqual([first]);
    expect(await ids(on, { status: "queued" })).toEqual(expect.arrayContaining([first, second]));
    expect(await on.scripts.stats()).toMatchObject({ oldestQueuedAt: oldest });
    await on.scripts.cancel(first);
    await on.redis.del(on.key(`job:${second}`));
    for (let i = 0; i < 2; i++) await claimAll(on.scripts);
    expect(await on.redis.zcard(on.key("grouped"))).toBe(0);
    on.clock.advance(1_000);
    await on.scripts.promote();
    expect(await on.scripts.stats()).toMatchObject({ oldestQueuedAt: on.clock.now() });
    expect(await ids(on, { status: "queued", from: new Date(on.clock.now()) })).toEqual([last]);
  },

  "pages of queued jobs continue at the right place, even if jobs are queued and claimed": async (on: Subject) => {
    const expected: string[] = [];
    for (let i = 0; i < 30; i++) expected.unshift(await on.submit());
    let turn = 0;
    const seen = await ids(on, { status: "queued" }, 4, async (page) => {
      for (let i = 0; i < 5; i++) await on.submit();
      turn += 1;
      if (turn % 2 === 0) await on.scripts.cancel(page.at(-1)?.id ?? "");
    });
    expect(seen).toEqual(expected);

    const first = await list(on.scripts, { status: "queued", limit: 1 });
    for (let i = 0; i < 30; i++) await claimAll(on.scripts);
    const [late] = [await on.submit()];
    const rest = await list(on.scripts, { status: "queued", cursor: first.cursor ?? "" });
    expect([rest, late === ""]).toEqual([{ jobs: [], seen: 0, cursor: null }, false]);
  },

  "no script returns more jobs than requested, and only queued ones are returned as waiting": async (on: Subject) => {
    const some: string[] = [];
    for (let i = 0; i < 20; i++) some.push(await on.submit({ owner: "ann" }));
    for (let i = 0; i < 4; i++) await claimOne(on.scripts);
    for (const id of some.slice(-3)) await on.scripts.cancel(id);
    const asked = {
      limit: 2,
      span: { from: 0, to: 1e15 },
      after: null,
      wanted: {},
    };

    expect((await on.scripts.listSorted({ ...asked, set: "owner:ann" })).jobs).toHaveLength(2);
    expect((await on.scripts.listRunning({ ...asked, afterExpiry: null })).jobs).toHaveLength(2);
    const waiting = await on.scripts.listWaiting({ ...asked, priority: "normal" });
    expect(waiting.jobs.map(({ status }) => status)).toEqual(["queued", "queued"]);
  },

  "a call skips a thousand newer jobs to find a page of queued jobs": async (on: Subject) => {
    const oldest = await on.submit();
    await on.submit();
    const { cursor } = await list(on.scripts, { status: "queued", limit: 1 });
    const job = await on.telltale.$engine.prepare({ kind: "resize", input: { width: 1 } });
    await on.scripts.submit(
      Array.from({ length: 1_050 }, (_, i) => ({ ...job, id: `resize_${String(i).padStart(32, "0")}` })),
    );

    const short = await list(on.scripts, { status: "queued", cursor: cursor ?? "" });
    expect(short).toEqual({ jobs: [], seen: 0, cursor: expect.any(String) });
    const found = await list(on.scripts, { status: "queued", cursor: short.cursor ?? "" });
    expect(found.jobs.map(({ id }) => id)).toEqual([oldest]);
  },

  "a queued job is listed once, even if it has two entries or was released": async (on: Subject) => {
    const [a, b, c] = [await on.submit(), await on.submit(), await on.submit()];
    on.clock.advance(1);
    await on.scripts.cancel(b);
    await on.scripts.rerun(b, 1);
    on.clock.advance(1);
    expect(await ids(on, { status: "queued" })).toEqual([b, c, a]);
    expect(await ids(on, { status: "queued" }, 1)).toEqual([b, c, a]);
    await on.scripts.cancel(a);
    await on.scripts.cancel(c);
    const again = await claimOne(on.scripts);
    const d = await on.submit();
    on.clock.advance(1);
    await on.scripts.release([again]);
    expect(again.id).toBe(b);
    expect(await ids(on, { status: "queued" })).toEqual([d, b]);
  },

  "the statistics of a queue contain its counts, whether it is paused, when the next is due and the oldest waiting":
    async (on: Subject) => {
      const { scripts, clock } = on;
      expect(await scripts.stats()).toMatchObject({ paused: false, nextDueAt: null, oldestQueuedAt: null });
      await on.submit({ delayMs: 9_000 });
      await on.submit({ delayMs: 8_000 });
      const dueAt = clock.now() + 8_000;
      const [gone] = [await on.submit({ priority: "high" })];
      clock.advance(1);
      const oldest = clock.now();
      for (const priority of PRIORITIES) {
        for (let i = 0; i < 12; i++) {
          await on.submit({ priority: priority === "high" ? "low" : priority });
          clock.advance(1);
        }
      }
      await scripts.cancel(gone);
      await scripts.pause();

      expect(await scripts.stats()).toEqual({
        queue: "resize",
        at: clock.now(),
        paused: true,
        jobs: { scheduled: 2, queued: 48, running: 0, retrying: 0, completed: 0, failed: 0, cancelled: 1 },
        nextDueAt: dueAt,
        oldestQueuedAt: oldest,
        totals: expect.objectContaining({ submitted: 51, cancelled: 1 }),
        setAside: 0,
        hasWorkers: false,
      });
    },

  "the statistics read only the ends of the lists": async (on: Subject) => {
    const at = on.clock.now();
    for (let i = 0; i < 199; i++) await on.scripts.cancel(await on.submit());
    await on.submit();
    expect(await on.scripts.stats()).toMatchObject({ oldestQueuedAt: at, jobs: { queued: 1 } });

    await on.scripts.cancel((await claimOne(on.scripts)).id);
    for (let i = 0; i < 200; i++) await on.scripts.cancel(await on.submit());
    await on.submit();
    expect(await on.scripts.stats()).toMatchObject({ oldestQueuedAt: null, jobs: { queued: 1 } });
  },

  "a full Redis can still be read": async (on: Subject) => {
    const id = await failedJob(on, { owner: "ann" });
    await on.submit();
    await on.submit();
    await claimOne(on.scripts);
    await on.redis.config("SET", "maxmemory", "1");
    try {
      expect(await ids(on, { owner: "ann" })).toEqual([id]);
      expect(await ids(on, { status: "running" })).toHaveLength(1);
      expect(await ids(on, { status: "queued" })).toHaveLength(1);
      expect(await on.scripts.detail(id)).toMatchObject({ status: "failed" });
      expect(await on.scripts.stats()).toMatchObject({ jobs: { failed: 1 } });
      expect((await on.scripts.failures({ code: "busy", first: 0, limit: 3 })).groups).toHaveLength(1);
    } finally {
      await on.redis.config("SET", "maxmemory", "0");
    }
  },
} as const;

async function failedJob(
  on: Subject,
  { error = BUSY, ...options }: { error?: string; owner?: string; tags?: string[] } = {},
) {
  const id = await on.submit(options);
  await on.scripts.fail({ ...(await claimOne(on.scripts)), error, retryInMs: null, pending: null });
  return id;
}

function list(scripts: QueueScripts, query: ListInput): Promise<JobPage> {
  return listJobs(query, { queues: [scripts], isKnown: () => true, detail: true });
}

async function pages(
  on: Subject,
  query: ListInput,
  between: (page: JobSummary[]) => Promise<unknown> = async () => {},
): Promise<JobPage[]> {
  const all: JobPage[] = [];
  let cursor: string | null | undefined;
  // A list that never ends is a fault too.
  while (cursor !== null && all.length < 100) {
    const page: JobPage = await list(on.scripts, { ...query, cursor });
    all.push(page);
    await between(page.jobs);
    cursor = page.cursor;
  }
  return all;
}

async function ids(
  on: Subject,
  query: ListInput,
  limit = 50,
  between?: (page: JobSummary[]) => Promise<unknown>,
): Promise<string[]> {
  const all = await pages(on, { ...query, limit }, between);
  for (const { jobs } of all) expect(jobs.length).toBeLessThanOrEqual(limit);
  return all.flatMap(({ jobs }) => jobs.map(({ id }) => id));
}

/** Keys of indexes and of errors, without their prefix. */
async function indexKeys(on: Subject): Promise<string[]> {
  const keys = (await on.redis.keys(on.key("*"))).map((key) => key.slice(on.key("").length));
  return keys
    .filter((key) => /^(errors|owner|failed|cancelled|completed):/.test(key) && !/^errors:/.test(key))
    .concat(await erroredWithoutJob(on, keys));
}

async function erroredWithoutJob(on: Subject, keys: readonly string[]): Promise<string[]> {
  const left: string[] = [];
  for (const key of keys) {
    if (!key.startsWith("errors:")) continue;
    if ((await on.redis.exists(on.key(`job:${key.slice("errors:".length)}`))) === 0) left.push(key);
  }
  return left;
}
