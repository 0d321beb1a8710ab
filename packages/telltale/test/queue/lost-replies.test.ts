import { changeRecord, createTcpProxy } from "@telltale/testkit";
import { describe, expect } from "vitest";
import { cancelMany } from "../../src/queue/scripts/bulk/cancel-many.js";
import { removeMany } from "../../src/queue/scripts/bulk/remove-many.js";
import { rerunMany } from "../../src/queue/scripts/bulk/rerun-many.js";
import { runManyNow } from "../../src/queue/scripts/bulk/run-many-now.js";
import { cancel } from "../../src/queue/scripts/lifecycle/cancel.js";
import { chunk } from "../../src/queue/scripts/lifecycle/chunk.js";
import { claim } from "../../src/queue/scripts/lifecycle/claim.js";
import { complete } from "../../src/queue/scripts/lifecycle/complete.js";
import { extend } from "../../src/queue/scripts/lifecycle/extend.js";
import { fail } from "../../src/queue/scripts/lifecycle/fail.js";
import { progress } from "../../src/queue/scripts/lifecycle/progress.js";
import { release } from "../../src/queue/scripts/lifecycle/release.js";
import { rerun } from "../../src/queue/scripts/lifecycle/rerun.js";
import { submit } from "../../src/queue/scripts/lifecycle/submit.js";
import { log, markLog } from "../../src/queue/scripts/log/log.js";
import { readLog } from "../../src/queue/scripts/log/read-log.js";
import { detail } from "../../src/queue/scripts/reading/detail.js";
import { failures } from "../../src/queue/scripts/reading/failures.js";
import { findExisting } from "../../src/queue/scripts/reading/find-existing.js";
import { listRunning } from "../../src/queue/scripts/reading/list-running.js";
import { listSorted } from "../../src/queue/scripts/reading/list-sorted.js";
import { listWaiting } from "../../src/queue/scripts/reading/list-waiting.js";
import type { ListedPage } from "../../src/queue/scripts/reading/listed.js";
import { read } from "../../src/queue/scripts/reading/read.js";
import { readAside } from "../../src/queue/scripts/reading/read-aside.js";
import { readHistory } from "../../src/queue/scripts/reading/read-history.js";
import { stats } from "../../src/queue/scripts/reading/stats.js";
import { dueSchedules } from "../../src/queue/scripts/schedules/due-schedules.js";
import { fireSchedule } from "../../src/queue/scripts/schedules/fire-schedule.js";
import { readSchedules } from "../../src/queue/scripts/schedules/read-schedules.js";
import { removeSchedule } from "../../src/queue/scripts/schedules/remove-schedule.js";
import { setSchedule } from "../../src/queue/scripts/schedules/set-schedule.js";
import { compact } from "../../src/queue/scripts/upkeep/compact.js";
import { condemn } from "../../src/queue/scripts/upkeep/condemn.js";
import { expire } from "../../src/queue/scripts/upkeep/expire.js";
import { open } from "../../src/queue/scripts/upkeep/open.js";
import { pause } from "../../src/queue/scripts/upkeep/pause.js";
import { promote } from "../../src/queue/scripts/upkeep/promote.js";
import { prune } from "../../src/queue/scripts/upkeep/prune.js";
import { reclaim } from "../../src/queue/scripts/upkeep/reclaim.js";
import { remove } from "../../src/queue/scripts/upkeep/remove.js";
import { resume } from "../../src/queue/scripts/upkeep/resume.js";
import { runNow } from "../../src/queue/scripts/upkeep/run-now.js";
import { beat } from "../../src/queue/scripts/workers/beat.js";
import { drainWorkers } from "../../src/queue/scripts/workers/drain-workers.js";
import { leave } from "../../src/queue/scripts/workers/leave.js";
import { listWorkers } from "../../src/queue/scripts/workers/list-workers.js";
import { claimAll, claimOne, ERROR, type Harness, harness, LEASE_MS, LINE, OUTPUT, test } from "./harness.js";

interface Case {
  readonly sha: string;
  /** Brings the queue into a state in which the action has an effect. Returns what the action needs. */
  prepare(h: Harness): Promise<{ id: string; fence: number }>;
  act(h: Harness, job: { id: string; fence: number }): Promise<unknown>;
}

const REQUEST = { loop: "l", request: "r", room: 5, leaseMs: LEASE_MS };

async function queued({ telltale }: Harness): Promise<{ id: string; fence: number }> {
  for (let width = 0; width < 6; width++) await telltale.resize.submit({ width }, { owner: "ann", tags: ["t"] });
  return { id: (await telltale.resize.submit({ width: 9 })).id, fence: 0 };
}

async function running(h: Harness): Promise<{ id: string; fence: number }> {
  await queued(h);
  return claimOne(h.scripts);
}

async function finished(h: Harness): Promise<{ id: string; fence: number }> {
  const lease = await running(h);
  await h.scripts.complete({ ...lease, output: OUTPUT, pending: null });
  return lease;
}

async function due(h: Harness): Promise<{ id: string; fence: number }> {
  const { id } = await h.telltale.resize.submit({ width: 1 }, { delay: "1s" });
  h.clock.advance(1_000);
  return { id, fence: 0 };
}

const SCHEDULE = { name: "n", definition: "timing\nrevision\nrest", nextMs: Date.UTC(2026, 0, 1), limit: 1 };

async function scheduled(h: Harness): Promise<{ id: string; fence: number }> {
  const job = await queued(h);
  await h.scripts.setSchedule(SCHEDULE);
  return job;
}

const BEAT = { entry: "web a", record: "{}", startedAt: null };

async function beaten(h: Harness): Promise<{ id: string; fence: number }> {
  const job = await queued(h);
  await h.telltale.$engine.workers.beat(BEAT);
  return job;
}

const EVERYTHING = { limit: 50, span: { from: 0, to: 1e15 }, after: null };
const WANTED = {};
const withoutIds = ({ jobs, next }: Pick<ListedPage, "jobs"> & Partial<ListedPage>): unknown => ({
  jobs: jobs.map(({ id, ...job }) => job),
  next: next && { ...next, id: null },
});

const pending = { n: 1, progress: "p" };
const CASES: Readonly<Record<string, Case>> = {
  submit: {
    sha: submit.sha,
    prepare: queued,
    act: (h) => h.telltale.resize.submit({ width: 7 }, { idempotencyKey: "k", uniqueKey: "u" }).then(() => "made"),
  },
  claim: {
    sha: claim.sha,
    prepare: queued,
    act: async (h) => (await h.scripts.claim(REQUEST)).jobs.map(({ id, ...job }) => job),
  },
  extend: { sha: extend.sha, prepare: running, act: (h, lease) => h.scripts.extend([lease], LEASE_MS) },
  progress: { sha: progress.sha, prepare: running, act: (h, lease) => h.scripts.progress({ ...lease, ...pending }) },
  chunk: {
    sha: chunk.sha,
    prepare: running,
    act: (h, lease) => h.scripts.chunk({ ...lease, first: 1, pieces: ["a", "b"] }),
  },
  log: { sha: log.sha, prepare: running, act: (h, lease) => h.scripts.log({ ...lease, lines: [LINE] }) },
  "mark-log": { sha: markLog.sha, prepare: running, act: (h, lease) => h.scripts.markLog({ ...lease, lines: [LINE] }) },
  complete: {
    sha: complete.sha,
    prepare: running,
    act: (h, lease) => h.scripts.complete({ ...lease, output: OUTPUT, pending }),
  },
  fail: {
    sha: fail.sha,
    prepare: running,
    act: (h, lease) => h.scripts.fail({ ...lease, error: ERROR, retryInMs: 50, pending }),
  },
  release: { sha: release.sha, prepare: running, act: (h, lease) => h.scripts.release([lease]) },
  "release for later": {
    sha: release.sha,
    prepare: running,
    act: (h, lease) => h.scripts.release([{ ...lease, delayMs: 30_000 }]),
  },
  reclaim: {
    sha: reclaim.sha,
    async prepare(h) {
      const lease = await running(h);
      h.clock.advance(LEASE_MS + 1);
      return lease;
    },
    // The count is that of the repeated call. The jobs are compared below.
    act: (h) => h.scripts.reclaim(LEASE_MS).then(() => "done"),
  },
  promote: { sha: promote.sha, prepare: due, act: (h) => h.scripts.promote().then(() => "done") },
  cancel: { sha: cancel.sha, prepare: queued, act: (h, { id }) => h.scripts.cancel(id) },
  "cancel of a running job": { sha: cancel.sha, prepare: running, act: (h, { id }) => h.scripts.cancel(id) },
  condemn: {
    sha: condemn.sha,
    async prepare(h) {
      const { id } = await h.telltale.resize.submit({ width: 1 });
      await changeRecord(h.redis, `${h.prefix}:{resize}:job:${id}`, { attempts: "many" });
      await claimAll(h.scripts);
      return { id, fence: 0 };
    },
    act: (h) => h.scripts.condemn().then(() => "done"),
  },
  compact: {
    sha: compact.sha,
    async prepare(h) {
      const jobs = await Promise.all(Array.from({ length: 1_200 }, () => h.telltale.resize.submit({ width: 1 })));
      await Promise.all(jobs.map((job) => job.cancel()));
      return { id: jobs[0]?.id ?? "", fence: 0 };
    },
    // The count is that of the repeated call. The lists are compared below.
    async act(h) {
      while ((await h.scripts.compact()).more);
    },
  },
  "read-log": {
    sha: readLog.sha,
    async prepare(h) {
      const lease = await running(h);
      await h.scripts.log({ ...lease, lines: [LINE] });
      return lease;
    },
    act: (h, { id }) => h.scripts.readLog({ id, from: 1, limit: 10 }).then((page) => page?.lines.length),
  },
  "read-history": {
    sha: readHistory.sha,
    prepare: finished,
    act: (h) => h.scripts.readHistory({ per: "hours", first: 0, last: 0, kind: "" }),
  },
  "read-aside": { sha: readAside.sha, prepare: queued, act: (h) => h.scripts.aside() },
  expire: {
    sha: expire.sha,
    async prepare(h) {
      const { id } = await h.telltale.resize.submit({ width: 1 }, { startWithin: "1s" });
      h.clock.advance(1_001);
      return { id, fence: 0 };
    },
    act: (h) => h.scripts.expire().then(() => "done"),
  },
  rerun: { sha: rerun.sha, prepare: finished, act: (h, { id }) => h.scripts.rerun(id, 1) },
  prune: {
    sha: prune.sha,
    async prepare(h) {
      const lease = await finished(h);
      h.clock.advance(25 * 3_600_000);
      return lease;
    },
    act: (h) => h.scripts.prune().then(() => "done"),
  },
  "run-now": {
    sha: runNow.sha,
    async prepare(h) {
      const { id } = await h.telltale.resize.submit({ width: 7 }, { delay: "1h" });
      return { id, fence: 0 };
    },
    act: (h, { id }) => h.scripts.runNow(id),
  },
  remove: { sha: remove.sha, prepare: finished, act: (h, { id }) => h.scripts.remove(id) },
  failures: {
    sha: failures.sha,
    prepare: finished,
    act: (h) => h.scripts.failures({ code: "handler_error", first: 0, limit: 10 }),
  },
  "cancel-many": {
    sha: cancelMany.sha,
    prepare: queued,
    act: (h, { id }) => h.scripts.cancelMany([id], { status: "queued" }),
  },
  "cancel-many of a running job": {
    sha: cancelMany.sha,
    prepare: running,
    act: (h, { id }) => h.scripts.cancelMany([id], { isUnasked: true }),
  },
  "rerun-many": {
    sha: rerunMany.sha,
    prepare: finished,
    act: (h, { id }) => h.scripts.rerunMany([{ id, round: 1 }], { status: ["completed", "failed"] }),
  },
  "remove-many": {
    sha: removeMany.sha,
    prepare: finished,
    act: (h, { id }) => h.scripts.removeMany([id], { status: ["completed", "failed"] }),
  },
  "run-many-now": {
    sha: runManyNow.sha,
    async prepare(h) {
      const { id } = await h.telltale.resize.submit({ width: 7 }, { delay: "1h" });
      return { id, fence: 0 };
    },
    act: (h, { id }) => h.scripts.runManyNow([id], { status: "scheduled" }),
  },
  pause: { sha: pause.sha, prepare: queued, act: (h) => h.scripts.pause() },
  resume: {
    sha: resume.sha,
    async prepare(h) {
      await h.scripts.pause();
      return queued(h);
    },
    act: (h) => h.scripts.resume(),
  },
  "fail for good": {
    sha: fail.sha,
    prepare: running,
    act: (h, lease) => h.scripts.fail({ ...lease, error: ERROR, retryInMs: null, pending: null }),
  },
  "list-sorted": {
    sha: listSorted.sha,
    prepare: queued,
    act: async (h) => withoutIds(await h.scripts.listSorted({ ...EVERYTHING, wanted: WANTED, set: "owner:ann" })),
  },
  "list-running": {
    sha: listRunning.sha,
    prepare: running,
    act: async (h) => withoutIds(await h.scripts.listRunning({ ...EVERYTHING, afterExpiry: null, wanted: WANTED })),
  },
  "list-waiting": {
    sha: listWaiting.sha,
    prepare: queued,
    act: async (h) => withoutIds(await h.scripts.listWaiting({ ...EVERYTHING, wanted: WANTED, priority: "normal" })),
  },
  detail: { sha: detail.sha, prepare: running, act: (h, { id }) => h.scripts.detail(id) },
  stats: { sha: stats.sha, prepare: queued, act: (h) => h.scripts.stats() },
  "find-existing": {
    sha: findExisting.sha,
    prepare: queued,
    act: async (h) =>
      h.scripts.findExisting(await h.telltale.$engine.prepare({ kind: "resize", input: { width: 7 }, uniqueKey: "u" })),
  },
  read: { sha: read.sha, prepare: running, act: (h, { id }) => h.scripts.read(id) },
  "set-schedule": { sha: setSchedule.sha, prepare: queued, act: (h) => h.scripts.setSchedule(SCHEDULE) },
  "read-schedules": { sha: readSchedules.sha, prepare: scheduled, act: (h) => h.scripts.readSchedules([]) },
  "due-schedules": { sha: dueSchedules.sha, prepare: scheduled, act: (h) => h.scripts.dueSchedules([]) },
  "fire-schedule": {
    sha: fireSchedule.sha,
    prepare: scheduled,
    async act(h) {
      const job = await h.telltale.$engine.prepare({ kind: "resize", input: { width: 1 } });
      const { name, nextMs } = SCHEDULE;
      const fired = { atMs: nextMs, job };
      await h.scripts.fireSchedule({ name, revision: "revision", fromMs: nextMs, toMs: nextMs + 1, fired });
    },
  },
  // Whether it existed is the reply of the repeated call. That it is removed is compared below.
  "remove-schedule": {
    sha: removeSchedule.sha,
    prepare: scheduled,
    act: (h) => h.scripts.removeSchedule("n").then(() => "done"),
  },
  open: { sha: open.sha, prepare: queued, act: (h) => h.scripts.open() },
  beat: { sha: beat.sha, prepare: queued, act: ({ telltale }) => telltale.$engine.workers.beat(BEAT) },
  leave: {
    sha: leave.sha,
    prepare: beaten,
    // Whether it was there is not told.
    act: ({ telltale }) => telltale.$engine.workers.leave(BEAT.entry),
  },
  "list-workers": { sha: listWorkers.sha, prepare: beaten, act: ({ telltale }) => telltale.$workers.list() },
  "drain-workers": { sha: drainWorkers.sha, prepare: beaten, act: ({ telltale }) => telltale.$workers.drain("web") },
};

/** The state of a queue without the ids of its jobs. */
async function stateOf(h: Harness, id: string): Promise<unknown> {
  const base = `${h.prefix}:{resize}:`;
  const sizes: Record<string, number> = {};
  for (const list of ["bell", "waiting:normal", `chunks:${id}`, `logs:${id}`, `errors:${id}`])
    sizes[list.split(":")[0] ?? ""] = await h.redis.llen(base + list);
  const scores: Record<string, string[]> = {};
  for (const set of [
    "leases",
    "scheduled:normal",
    "completed",
    "failed",
    "instants",
    "owner:ann",
    "failed:code:handler_error",
    "failed:tag:t",
  ]) {
    const ids = await h.redis.zrange(base + set, "0", "-1");
    scores[set] = await Promise.all(ids.map(async (id) => String(await h.redis.zscore(base + set, String(id)))));
  }
  const { clock_steps: _, ...meta } = await h.redis.hgetall(`${base}meta`);
  const schedules = await h.redis.hgetall(`${base}schedules`);
  const registry = `${h.prefix}:{workers}:`;
  const workers = {
    seen: await h.redis.zrange(`${registry}seen`, "0", "-1", "WITHSCORES"),
    roster: await h.redis.zrange(`${registry}roster`, "0", "-1"),
    drained: await h.redis.zrange(`${registry}drained`, "0", "-1", "WITHSCORES"),
    records: await h.redis.hgetall(`${registry}records`),
  };
  return { job: await h.telltale.$engine.find.read(id), meta, sizes, scores, schedules, workers };
}

describe.each(Object.entries(CASES))("%s", (_name, { sha, prepare, act }) => {
  test.for(["request", "reply"] as const)("has the same result if its %s is lost", async (what, { server, h }) => {
    const expected = await outcome(h, async (job) => act(h, job));
    await using proxy = await createTcpProxy({ target: { path: server.socketPath } });
    await using behind = await harness(proxy.url);
    // The script is loaded on the server, so it is called by its digest, which the proxy looks for.
    const actual = await outcome(behind, async (job) => {
      const options = { containing: sha };
      const dropped = what === "request" ? proxy.dropRequestOnce(options) : proxy.dropReplyOnce(options);
      const answer = await act(behind, job);
      await dropped;
      return answer;
    });

    expect(actual).toEqual(expected);
  });

  async function outcome(h: Harness, run: (job: { id: string; fence: number }) => Promise<unknown>): Promise<unknown> {
    const job = await prepare(h);
    return { answer: await run(job), state: await stateOf(h, job.id) };
  }
});

test("a claim whose reply was lost leaves no job without a worker", async ({ server }) => {
  await using proxy = await createTcpProxy({ target: { path: server.socketPath } });
  await using h = await harness(proxy.url);
  await queued(h);
  const dropped = proxy.dropReplyOnce({ containing: claim.sha });
  const claimed = await h.scripts.claim(REQUEST);
  await dropped;

  expect(claimed.jobs).toHaveLength(2);
  expect(await h.redis.zcard(`${h.prefix}:{resize}:leases`)).toBe(2);
  expect((await claimAll(h.scripts)).map(({ id }) => id)).not.toContain(claimed.jobs[0]?.id);
});
