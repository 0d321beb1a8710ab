import type { BulkProgress, JobFilter } from "telltale";
import { expect } from "vitest";
import { claimAll, claimOne, ERROR, type Harness, OUTPUT, resize, test } from "./harness.js";

/** Stores many jobs with ids that tell their order. */
async function submitMany({ telltale, scripts }: Harness, count: number, options = {}): Promise<string[]> {
  const job = await telltale.$engine.prepare({ kind: "resize", input: { width: 1 }, ...options });
  const all = Array.from({ length: count }, (_, i) => `resize_${String(i).padStart(32, "0")}`);
  for (let from = 0; from < count; from += 250) {
    await scripts.submit(all.slice(from, from + 250).map((id) => ({ ...job, id })));
  }
  return all;
}

/** Fails everything that waits, without a retry. Returns how many jobs that were. */
async function failAll({ scripts }: Harness): Promise<number> {
  let failed = 0;
  for (let leases = await claimAll(scripts); leases.length > 0; leases = await claimAll(scripts)) {
    await Promise.all(leases.map((lease) => scripts.fail({ ...lease, error: ERROR, retryInMs: null, pending: null })));
    failed += leases.length;
  }
  return failed;
}

async function last(run: AsyncGenerator<BulkProgress, void>): Promise<BulkProgress> {
  let progress: BulkProgress | undefined;
  for await (progress of run);
  if (!progress) throw new Error("no step");
  return progress;
}

async function counts({ scripts }: Harness) {
  return (await scripts.stats()).jobs;
}

test("a bulk rerun reruns each failed job once, even if it fails again meanwhile", async ({ h }) => {
  await submitMany(h, 430);
  await failAll(h);
  h.clock.advance(1_000);

  const steps: BulkProgress[] = [];
  for await (const progress of h.telltale.$bulk.rerun({ status: "failed" })) {
    steps.push(progress);
    h.clock.advance(1);
    await failAll(h);
  }

  expect(steps.map(({ done }) => done)).toEqual([100, 200, 300, 400, 430]);
  expect(steps.at(-1)).toEqual({
    ...{ seen: 430, matched: 430, done: 430, requested: 0, skipped: {} },
    ...{ cursor: null, finished: true },
  });
  const rounds = await Promise.all(
    [0, 429].map(async (i) => (await h.scripts.read(`resize_${String(i).padStart(32, "0")}`))?.round),
  );
  expect(rounds).toEqual([2, 2]);
  expect(await counts(h)).toMatchObject({ failed: 430, queued: 0 });
});

test("an interrupted action resumes with its cursor, counts on, and repeats nothing", async ({ h }) => {
  await submitMany(h, 250);
  await failAll(h);
  const stop = new AbortController();
  let kept: BulkProgress | undefined;
  for await (const progress of h.telltale.$bulk.rerun({ status: "failed" }, { signal: stop.signal })) {
    kept = progress;
    stop.abort();
  }
  expect(kept).toMatchObject({ done: 100, finished: false });
  h.clock.advance(10);
  await failAll(h);

  const { cursor } = kept ?? {};
  expect(await last(h.telltale.$bulk.rerun({ status: "failed" }, { cursor: cursor ?? "" }))).toMatchObject({
    ...{ done: 250, matched: 250, finished: true },
  });
  // A client that lost the reply of a step repeats it.
  expect(await last(h.telltale.$bulk.rerun({ status: "failed" }, { cursor: cursor ?? "" }))).toMatchObject({
    ...{ done: 100, finished: true },
  });
  expect(await counts(h)).toMatchObject({ queued: 150, failed: 100 });
});

test("a bulk cancel reaches waiting, delayed, retrying and running jobs, and asks the running ones to stop", async ({
  h,
}) => {
  await submitMany(h, 5);
  await h.telltale.resize.submit({ width: 1 }, { delay: "1h" });
  await h.telltale.resize.submit({ width: 1 }, { priority: "high" });
  await h.scripts.fail({ ...(await claimOne(h.scripts)), error: ERROR, retryInMs: 60_000, pending: null });
  const running = await claimOne(h.scripts);

  const progress = await last(h.telltale.$bulk.cancel({}));

  expect(progress).toMatchObject({ matched: 7, done: 7, requested: 1, finished: true });
  expect(await counts(h)).toMatchObject({ queued: 0, scheduled: 0, retrying: 0, running: 1, cancelled: 6 });
  expect(await h.scripts.read(running.id)).toMatchObject({ cancelRequested: true });
});

test("a bulk cancel misses no job that starts, is retried, or is given back while it works", async ({ h }) => {
  await submitMany(h, 330);
  const held = [...(await claimAll(h.scripts))];
  let more = 0;
  for await (const _ of h.telltale.$bulk.cancel({})) {
    h.clock.advance(1);
    const [first, second] = held.splice(0, 2);
    if (first) await h.scripts.fail({ ...first, error: ERROR, retryInMs: 60_000, pending: null });
    if (second) await h.scripts.release([second]);
    held.push(...(await claimAll(h.scripts, 3)));
    // Also removes ids of cancelled jobs, among them those at which the action continues.
    while ((await h.scripts.compact()).more);
    if (more++ < 3) await h.telltale.resize.submit({ width: 1 }, { delay: "1h" });
  }
  for (const lease of held) {
    await h.scripts.fail({ ...lease, error: ERROR, retryInMs: 60_000, pending: null }).catch(() => {});
  }

  // Those of the later submits are left alone.
  expect(await counts(h)).toMatchObject({ queued: 0, running: 0, retrying: 0, scheduled: 3, cancelled: 330 });
});

test("a cancel of thousands in a queue that compacts its lists misses none", async ({ h }) => {
  await submitMany(h, 4_000);
  for await (const _ of h.telltale.$bulk.cancel({ status: "queued" })) while ((await h.scripts.compact()).more);

  expect(await counts(h)).toMatchObject({ queued: 0, cancelled: 4_000 });
});

test("a bulk removal deletes what ended before it began, with its keys", async ({ h }) => {
  await submitMany(h, 120, { owner: "ann", tags: ["a"] });
  await failAll(h);
  const { id } = await h.telltale.resize.submit({ width: 1 });
  await h.scripts.complete({ ...(await claimOne(h.scripts)), output: OUTPUT, pending: null });

  expect(await last(h.telltale.$bulk.remove({ status: ["failed", "cancelled"] }))).toMatchObject({ done: 120 });
  expect(await counts(h)).toMatchObject({ failed: 0, completed: 1 });
  const keys = (await h.redis.keys(`${h.prefix}:{resize}:*`)).map((key) => key.split("}:")[1]);
  expect(keys.filter((key) => /^(job|feed|errors|failed|owner)/.test(key ?? "")).sort()).toEqual([
    `feed:${id}`,
    `job:${id}`,
  ]);
});

test("delayed and retrying jobs are run now", async ({ h }) => {
  await submitMany(h, 130, { delayMs: 3_600_000 });
  await h.telltale.resize.submit({ width: 1 });
  await h.scripts.fail({ ...(await claimOne(h.scripts)), error: ERROR, retryInMs: 60_000, pending: null });

  expect(await last(h.telltale.$bulk.runNow({ status: "scheduled" }))).toMatchObject({ done: 130 });
  expect(await counts(h)).toMatchObject({ scheduled: 0, queued: 130, retrying: 1 });
  expect(await last(h.telltale.$bulk.runNow({}))).toMatchObject({ done: 1 });
});

test("a dry run on a growing queue ends, counts the jobs that existed, and changes none", async ({ h }) => {
  await submitMany(h, 700);
  h.clock.advance(1);
  let width = 0;
  let progress: BulkProgress | undefined;
  for await (progress of h.telltale.$bulk.cancel({}, { dryRun: true })) {
    h.clock.advance(1);
    for (let i = 0; i < 50; i++) await h.telltale.resize.submit({ width: width++ });
  }

  expect(progress).toMatchObject({ matched: 700, done: 0, finished: true });
  expect(await counts(h)).toMatchObject({ queued: 700 + width, cancelled: 0 });
});

test("a filter that matches nothing ends in bounded steps that say how far they have come", async ({ h }) => {
  await submitMany(h, 5_400);
  await failAll(h);

  const seen: number[] = [];
  for await (const progress of h.telltale.$bulk.rerun({ status: "failed", errorText: "nowhere" }))
    seen.push(progress.seen);

  expect(seen).toEqual([5_000, 5_400]);
});

test("a rerun that would break a unique key is skipped with its reason, and the others are rerun", async ({ h }) => {
  const { telltale } = h;
  const first = await telltale.resize.submit({ width: 1 }, { uniqueKey: "u" });
  await failAll(h);
  await telltale.resize.submit({ width: 2 }, { uniqueKey: "u" });
  await failAll(h);
  await telltale.resize.submit({ width: 3 });
  await failAll(h);

  const progress = await last(telltale.$bulk.rerun({ status: "failed" }));

  expect(progress).toMatchObject({ matched: 3, done: 2, skipped: { unique_conflict: 1 } });
  expect((await first.get()).status).toBe("failed");
});

test("a rerun within a quota stops at what an account may have outstanding", async ({ h }) => {
  await submitMany(h, 5, { owner: "ann" });
  await failAll(h);
  const { $engine } = h.telltale;

  const progress = await $engine.bulk.step(
    { action: "rerun", filter: { status: "failed" } },
    { quota: { jobs: 3, bytes: null } },
  );

  expect(progress).toMatchObject({ done: 3, skipped: { too_many: 2 } });
});

test("a damaged record is skipped with its reason", async ({ h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 });
  await failAll(h);
  const key = `${h.prefix}:{resize}:job:${id}`;
  const line = (await h.redis.hget(key, "job")) ?? "";
  await h.redis.hset(key, "job", line.replace("normal", "weird"));

  expect(await last(h.telltale.$bulk.rerun({ status: "failed" }))).toMatchObject({
    done: 0,
    skipped: { unreadable: 1 },
  });
});

test("an action on one owner's jobs uses their index, and leaves the others alone", async ({ h }) => {
  for (const owner of ["ann", "bob", "ann"]) await h.telltale.resize.submit({ width: 1 }, { owner });
  const running = await claimOne(h.scripts);

  expect(await last(h.telltale.$bulk.cancel({ owner: "ann" }))).toMatchObject({ seen: 2, done: 2, requested: 1 });
  expect(await counts(h)).toMatchObject({ queued: 1, running: 1, cancelled: 1 });
  expect(running.owner).toBe("ann");
});

test.for<[string, "cancel" | "rerun" | "remove" | "runNow", JobFilter, RegExp]>([
  ["a rerun without statuses, which would include completed jobs", "rerun", {}, /Name the statuses/],
  ["a removal without statuses", "remove", { queue: "resize" }, /Name the statuses/],
  ["a rerun of queued jobs", "rerun", { status: ["failed", "queued"] }, /does not apply to queued/],
  ["a cancel of completed jobs", "cancel", { status: "completed" }, /does not apply to completed/],
  ["an unknown queue", "cancel", { queue: "nowhere" }, /No contract uses the queue/],
  ["an unknown kind", "cancel", { kind: "nothing" }, /No contract has the kind/],
  ["an invalid filter", "cancel", { idPrefix: "resize_%" }, /filter is invalid/],
  ["a misspelt filter", "cancel", { tags: "a" } as JobFilter, /filter is invalid/],
])("%s is refused", async ([, action, filter, message], { h }) => {
  await h.telltale.resize.submit({ width: 1 });

  await expect(last(h.telltale.$bulk[action](filter))).rejects.toThrow(message);
  expect(await counts(h)).toMatchObject({ queued: 1 });
});

test("a cursor is refused with another action, another filter, and instead of a dry run", async ({ h }) => {
  await submitMany(h, 150);
  const { $engine } = h.telltale;
  const filter = { status: "queued" as const };
  const { cursor } = await $engine.bulk.step({ action: "cancel", filter });

  for (const other of [
    { action: "cancel", filter: { status: ["queued", "running"] } },
    { action: "cancel", filter, dryRun: true },
    { action: "cancel", filter: { ...filter, queue: "resize" } },
    { action: "cancel", filter, olderThanMs: 1 },
  ] satisfies Omit<Parameters<typeof $engine.bulk.step>[0], "cursor">[]) {
    await expect($engine.bulk.step({ ...other, cursor: cursor ?? "" })).rejects.toMatchObject({
      code: "invalid_input",
    });
  }
  await expect($engine.bulk.step({ action: "cancel", filter, cursor: "nonsense" })).rejects.toMatchObject({
    code: "invalid_input",
  });
  expect(await $engine.bulk.step({ action: "cancel", filter, cursor: cursor ?? "" })).toMatchObject({ done: 150 });
});

test("draining a queue cancels what waits and leaves running and finished jobs", async ({ h }) => {
  await submitMany(h, 3);
  await failAll(h);
  await h.telltale.resize.submit({ width: 1 });
  await claimOne(h.scripts);
  await h.telltale.resize.submit({ width: 1 }, { delay: "1h" });
  await h.telltale.resize.submit({ width: 1 });

  expect(await last(h.telltale.$queues.drain("resize", { dryRun: true }))).toMatchObject({ matched: 2, done: 0 });
  expect(await last(h.telltale.$queues.drain("resize"))).toMatchObject({ done: 2, finished: true });
  expect(await counts(h)).toMatchObject({ running: 1, failed: 3, cancelled: 2, queued: 0, scheduled: 0 });
});

test("cleaning a queue deletes what ended long enough ago", async ({ h }) => {
  await submitMany(h, 150);
  await failAll(h);
  h.clock.advance(60_000);
  await h.telltale.resize.submit({ width: 1 });
  await failAll(h);

  const first = await h.telltale.$queues.clean("resize", { olderThan: "1m" }).next();
  expect(first.value).toMatchObject({ done: 100, finished: false });
  // The time counts from the beginning, also after an interruption.
  h.clock.advance(3_600_000);
  const cursor = first.value?.cursor ?? "";
  expect(await last(h.telltale.$queues.clean("resize", { olderThan: "1m", cursor }))).toMatchObject({ done: 150 });
  expect(await counts(h)).toMatchObject({ failed: 1 });
  await expect(last(h.telltale.$queues.clean("resize", { olderThan: "2m", cursor }))).rejects.toMatchObject({
    code: "invalid_input",
  });
});

test("obliterating a queue leaves no key of it, and needs its name, a pause and no running jobs", async ({ h }) => {
  const { telltale, scripts } = h;
  const { $queues } = telltale;
  const sure = { confirm: "resize" };
  const limited = { limitKeys: { concurrency: "resize:a", rate: "resize:r" } };
  const job = await telltale.$engine.prepare({ kind: "resize", input: { width: 1 }, owner: "ann", tags: ["a"] });
  const ids = Array.from({ length: 1_210 }, (_, i) => `resize_${String(i).padStart(32, "f")}`);
  for (let from = 0; from < ids.length; from += 242) {
    await scripts.submit(ids.slice(from, from + 242).map((id, i) => ({ ...job, id, ...(i % 3 === 0 ? limited : {}) })));
  }
  await telltale.resize.submit({ width: 1 }, { idempotencyKey: "i", uniqueKey: "u", startWithin: "1h", delay: "1h" });
  for (let i = 0; i < 4; i++)
    for (const lease of await claimAll(scripts)) {
      await scripts.fail({ ...lease, error: ERROR, retryInMs: null, pending: null });
    }
  await telltale.$schedules.set("nightly", { job: resize, input: { width: 1 }, every: "1h" });
  const running = await claimOne(scripts);

  await expect(last($queues.obliterate("resize", sure))).rejects.toThrow(/is not paused/);
  await $queues.pause("resize");
  await expect(last($queues.obliterate("resize", sure))).rejects.toThrow(/still runs 1 jobs/);
  await scripts.complete({ ...running, output: OUTPUT, pending: null });
  expect(() => $queues.obliterate("resize", { confirm: "resise" })).toThrow(/not the name/);
  const first = await $queues.obliterate("resize", sure).next();
  expect(first.value).toMatchObject({ done: 1_000, finished: false });
  expect(await last($queues.obliterate("resize", { ...sure, cursor: first.value?.cursor ?? "" }))).toMatchObject({
    ...{ done: 1_211, finished: true },
  });

  const left = (await h.redis.keys(`${h.prefix}:{resize}:*`)).map((key) => key.split("}:")[1] ?? "");
  // A claim's record expires by itself.
  expect(left.filter((key) => !key.startsWith("claim:"))).toEqual(["meta"]);
  expect(await h.redis.hgetall(`${h.prefix}:{resize}:meta`)).toEqual({ layout: "2" });
  // As after a call that is sent again.
  expect(await scripts.obliterate(1)).toEqual(["obliterated", 0, 0]);
  const { id } = await telltale.resize.submit({ width: 1 });
  expect((await claimOne(scripts)).id).toBe(id);
});
