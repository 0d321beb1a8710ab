import { changeRecord } from "@telltale/testkit";
import { defineJob, defineJobs, JOB_STATUSES, type JobPage, type JobPages, PRIORITIES } from "telltale";
import { createTelltale } from "telltale/server";
import { expect } from "vitest";
import { z } from "zod";
import { encode } from "../../src/core/codec/codec.js";
import { claimAll, claimOne, ERROR, type Harness, LEASE_MS, OUTPUT, test } from "./harness.js";

const DAY = 86_400_000;
const BUSY = encode({ code: "busy", message: "Busy.", detail: "db7 said no" });

/** Reads all pages, and checks that none is longer than requested. */
async function pages(list: JobPages<string>): Promise<JobPage[]> {
  const all: JobPage[] = [];
  for await (const page of list) all.push(page);
  return all;
}

async function idsOf(list: JobPages<string>): Promise<string[]> {
  return (await pages(list)).flatMap(({ jobs }) => jobs.map(({ id }) => id));
}

async function submitted({ telltale, clock }: Harness, count: number, options = {}): Promise<string[]> {
  const ids: string[] = [];
  for (let width = 0; width < count; width++) {
    ids.push((await telltale.resize.submit({ width }, options)).id);
    clock.advance(1);
  }
  return ids;
}

/** Fails the waiting jobs without a retry, oldest first, one per millisecond. */
async function failAll({ scripts, clock }: Harness, error = ERROR): Promise<void> {
  for (let leases = await claimAll(scripts); leases.length > 0; leases = await claimAll(scripts)) {
    for (const lease of leases) {
      await scripts.fail({ ...lease, error, retryInMs: null, pending: null });
      clock.advance(1);
    }
  }
}

/** Creates one job of each status. Returns them in the order in which they reached their status. */
async function oneOfEach(h: Harness): Promise<Record<string, string>> {
  const { telltale, scripts, clock } = h;
  const next = async (options = {}) => {
    clock.advance(10);
    return telltale.resize.submit({ width: 1 }, { owner: "ann", tags: ["t"], ...options });
  };
  const completed = await next();
  await scripts.complete({ ...(await claimOne(scripts)), output: OUTPUT, pending: null });
  const failed = await next();
  await scripts.fail({ ...(await claimOne(scripts)), error: BUSY, retryInMs: null, pending: null });
  const cancelled = await next();
  await cancelled.cancel();
  const retrying = await next();
  await scripts.fail({ ...(await claimOne(scripts)), error: BUSY, retryInMs: 60_000, pending: null });
  const running = await next();
  await claimOne(scripts);
  const queued = await next();
  const scheduled = await next({ delay: "1h" });
  return {
    completed: completed.id,
    failed: failed.id,
    cancelled: cancelled.id,
    retrying: retrying.id,
    running: running.id,
    queued: queued.id,
    scheduled: scheduled.id,
  };
}

test("a list returns the kind and status of each job, newest first, and never a payload", async ({ h }) => {
  await oneOfEach(h);
  const { jobs } = await h.telltale.resize.list().page();

  // Delayed jobs are sorted by when they are due, so they come first.
  expect(jobs.map(({ status }) => status)).toEqual([
    "scheduled",
    "retrying",
    "queued",
    "running",
    "cancelled",
    "failed",
    "completed",
  ]);
  expect(jobs[5]).toEqual({
    id: expect.any(String),
    kind: "resize",
    status: "failed",
    at: expect.any(Number),
    createdAt: expect.any(Number),
    round: 1,
    attempt: 1,
    owner: "ann",
    tags: ["t"],
    error: { code: "busy", message: "db7 said no" },
  });
  expect(jobs[1]).toMatchObject({ runAt: expect.any(Number), error: { code: "busy" } });
  expect(JSON.stringify(jobs)).not.toMatch(/width|bytes/);
});

test.for(JOB_STATUSES)("%s jobs are found by status, for all owners and for one", async (status, { h }) => {
  const ids = await oneOfEach(h);

  expect(await idsOf(h.telltale.resize.list({ status }))).toEqual([ids[status]]);
  expect(await idsOf(h.telltale.resize.list({ status, owner: "ann" }))).toEqual([ids[status]]);
  expect(await idsOf(h.telltale.resize.list({ status, owner: "bob" }))).toEqual([]);
  expect(await idsOf(h.telltale.resize.list({ status, tag: "t" }))).toEqual([ids[status]]);
  expect(await idsOf(h.telltale.resize.list({ status, tag: "other" }))).toEqual([]);
});

test("jobs with an error are found by its code, but not after they completed", async ({ h }) => {
  const ids = await oneOfEach(h);
  h.clock.advance(60_000);
  await h.scripts.promote();
  // Newest first: the retry was queued after the jobs that were already waiting.
  for (const lease of await claimAll(h.scripts)) await h.scripts.complete({ ...lease, output: OUTPUT, pending: null });
  for (const lease of await claimAll(h.scripts)) await h.scripts.complete({ ...lease, output: OUTPUT, pending: null });

  expect(await h.telltale.resize.job(ids.retrying ?? "").get()).toMatchObject({ status: "completed" });
  expect(await idsOf(h.telltale.resize.list({ code: "busy" }))).toEqual([ids.failed]);
  expect(await idsOf(h.telltale.resize.list({ code: "busy", owner: "ann" }))).toEqual([ids.failed]);
  expect(await idsOf(h.telltale.resize.list({ code: "idle" }))).toEqual([]);
});

test("a job that was cancelled while it waited for a retry is found by the code of its last error", async ({ h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 });
  await h.scripts.fail({ ...(await claimOne(h.scripts)), error: BUSY, retryInMs: 60_000, pending: null });
  expect(await idsOf(h.telltale.resize.list({ code: "busy" }))).toEqual([id]);
  await h.telltale.resize.job(id).cancel();

  expect(await idsOf(h.telltale.resize.list({ status: "cancelled", code: "busy" }))).toEqual([id]);
});

test("a job that failed because its worker was lost is found by worker_lost", async ({ h }) => {
  const { id } = await h.telltale.archive.submit(1);
  const scripts = h.telltale.$engine.scripts("archive");
  await claimOne(scripts);
  h.clock.advance(LEASE_MS + 1);
  await scripts.reclaim(LEASE_MS);

  expect(await idsOf(h.telltale.archive.list({ code: "worker_lost" }))).toEqual([id]);
});

test("a rerun job is no longer found among the failed jobs or by its earlier error", async ({ h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 }, { tags: ["t"] });
  await failAll(h, BUSY);
  await h.telltale.$engine.rerun(id);
  expect(await idsOf(h.telltale.resize.list({ status: "failed" }))).toEqual([]);
  await h.telltale.resize.job(id).cancel();

  expect(await idsOf(h.telltale.resize.list({ code: "busy" }))).toEqual([]);
  expect(await idsOf(h.telltale.resize.list({ tag: "t", status: "failed" }))).toEqual([]);
  expect(await idsOf(h.telltale.resize.list({ tag: "t", status: "cancelled" }))).toEqual([id]);
});

test("a list can be limited to a time range", async ({ h }) => {
  await submitted(h, 5, { owner: "ann" });
  await failAll(h);
  const { jobs } = await h.telltale.resize.list().page();
  const [newest, second, third, fourth] = jobs.map(({ at }) => new Date(at));
  const ids = jobs.map(({ id }) => id);
  const created = new Date(jobs[3]?.createdAt ?? 0);

  expect(await idsOf(h.telltale.resize.list({ status: "failed", from: fourth, to: second }))).toEqual(ids.slice(1, 4));
  expect(await idsOf(h.telltale.resize.list({ code: "handler_error", from: third, limit: 1 }))).toEqual(
    ids.slice(0, 3),
  );
  expect(await idsOf(h.telltale.resize.list({ to: third, limit: 1 }))).toEqual(ids.slice(2));
  expect(await idsOf(h.telltale.resize.list({ from: newest, to: fourth }))).toEqual([]);
  expect(await idsOf(h.telltale.resize.list({ owner: "ann", to: created }))).toEqual(ids.slice(3));
});

test("queued and running jobs can be limited to a time range too", async ({ h }) => {
  const ids = await submitted(h, 4);
  const first = h.clock.now();
  for (let i = 0; i < 2; i++) {
    await claimOne(h.scripts);
    h.clock.advance(1);
  }

  const from = new Date(first + 1);
  expect(await idsOf(h.telltale.resize.list({ status: "running", from }))).toEqual([ids[1]]);
  expect(await idsOf(h.telltale.resize.list({ status: "running", to: new Date(first) }))).toEqual([ids[0]]);
  expect(await idsOf(h.telltale.resize.list({ status: "queued", from: new Date(first - 1) }))).toEqual([ids[3]]);
  expect(await idsOf(h.telltale.resize.list({ status: "queued", to: new Date(first - 2) }))).toEqual([ids[2]]);
});

test("among thousands of jobs that failed in one millisecond, pages neither repeat nor miss a job, even if some are deleted", async ({
  h,
}) => {
  const { telltale, scripts } = h;
  await Promise.all(Array.from({ length: 300 }, (_, width) => telltale.resize.submit({ width })));
  for (let leases = await claimAll(scripts); leases.length > 0; leases = await claimAll(scripts)) {
    await Promise.all(leases.map((lease) => scripts.fail({ ...lease, error: ERROR, retryInMs: null, pending: null })));
  }
  const expected = (await h.redis.zrange(`${h.prefix}:{resize}:failed`, "0", "-1")).map(String).reverse();
  expect(new Set(expected).size).toBe(300);

  const seen: string[] = [];
  for await (const { jobs } of telltale.resize.list({ status: "failed", limit: 7 })) {
    const ids = jobs.map(({ id }) => id);
    seen.push(...ids);
    // The very job that the cursor names.
    await telltale.$engine.remove(ids.at(-1) ?? "");
  }

  expect(seen).toEqual(expected);
});

test("pages of one owner contain only that owner's jobs, in the order of submission, even if the jobs change", async ({
  h,
}) => {
  const { telltale } = h;
  const anns: string[] = [];
  for (let width = 0; width < 60; width++) {
    await telltale.resize.submit({ width }, { owner: "bob" });
    anns.push((await telltale.resize.submit({ width }, { owner: "ann" })).id);
    if (width % 10 === 0) h.clock.advance(1);
  }

  const seen: string[] = [];
  for await (const { jobs } of telltale.resize.list({ owner: "ann", limit: 9 })) {
    seen.push(...jobs.map(({ id }) => id));
    await claimAll(h.scripts, 20);
  }

  expect([...seen].sort()).toEqual([...anns].sort());
});

test("pages of queued jobs neither repeat nor miss a job while jobs are queued and claimed", async ({ h }) => {
  const { telltale, scripts } = h;
  const ids = (await Promise.all(Array.from({ length: 250 }, (_, width) => telltale.resize.submit({ width })))).map(
    ({ id }) => id,
  );
  const seen: string[] = [];
  const handedOut: string[] = [];
  for await (const { jobs } of telltale.resize.list({ status: "queued", limit: 20 })) {
    seen.push(...jobs.map(({ id }) => id));
    // More jobs than the next page would skip if it used only its index.
    for (let width = 0; width < 30; width++) await telltale.resize.submit({ width });
    handedOut.push((await claimOne(scripts)).id);
    // The very job that the cursor names.
    await telltale.resize.job(jobs.at(-1)?.id ?? "").cancel();
  }

  expect(new Set(seen).size).toBe(seen.length);
  const left = ids.filter((id) => !handedOut.includes(id));
  expect(seen.slice(0, left.length)).toEqual([...left].reverse());
  expect(ids).toEqual(expect.arrayContaining(seen));
});

test("a list of queued jobs continues even if more new jobs were queued than one call reads", async ({ h }) => {
  const ids = await submitted(h, 3);
  const first = await h.telltale.resize.list({ status: "queued", limit: 1 }).page();
  const job = await h.telltale.$engine.prepare({ kind: "resize", input: { width: 1 } });
  for (let batch = 0; batch < 3; batch++) {
    await h.scripts.submit(
      Array.from({ length: 400 }, (_, i) => ({ ...job, id: `resize_${String(batch * 400 + i).padStart(32, "0")}` })),
    );
  }

  const cursor = first.cursor ?? "";
  expect(await idsOf(h.telltale.resize.list({ status: "queued", cursor }))).toEqual([ids[1], ids[0]]);
});

test("a list of queued jobs ends if the job at which it should continue was claimed", async ({ h }) => {
  await submitted(h, 3);
  const first = await h.telltale.resize.list({ status: "queued", limit: 1 }).page();
  await claimAll(h.scripts);
  await claimAll(h.scripts);
  await claimAll(h.scripts);
  await submitted(h, 2);

  expect(await h.telltale.resize.list({ status: "queued", cursor: first.cursor ?? "" }).page()).toEqual({
    jobs: [],
    seen: 0,
    cursor: null,
  });
});

test("a job that was cancelled while queued and then rerun is listed once, and a released job is listed too", async ({
  h,
}) => {
  const [a = "", b = "", c = ""] = await submitted(h, 3);
  await h.telltale.resize.job(b).cancel();
  await h.telltale.$engine.rerun(b);
  h.clock.advance(1);
  expect(await idsOf(h.telltale.resize.list({ status: "queued" }))).toEqual([b, c, a]);
  expect(await idsOf(h.telltale.resize.list({ status: "queued", limit: 1 }))).toEqual([b, c, a]);
  await h.telltale.resize.job(a).cancel();
  await h.telltale.resize.job(c).cancel();
  const again = await claimOne(h.scripts);
  h.clock.advance(1);
  const d = await h.telltale.resize.submit({ width: 4 });
  h.clock.advance(1);
  await h.scripts.release([again]);

  expect(await idsOf(h.telltale.resize.list({ status: "queued" }))).toEqual([d.id, b]);
});

test("queued jobs of all priorities are merged by the time at which they were queued", async ({ h }) => {
  const ids: string[] = [];
  for (let i = 0; i < 12; i++) {
    const [priority = "normal"] = PRIORITIES.slice((i * 3) % PRIORITIES.length);
    ids.push(...(await submitted(h, 1, { priority })));
  }

  expect(await idsOf(h.telltale.resize.list({ status: "queued", limit: 5 }))).toEqual([...ids].reverse());
});

test("running jobs keep their order while their leases are extended", async ({ h }) => {
  const ids = await submitted(h, 9);
  const leases = [];
  for (const _ of ids) {
    leases.push(await claimOne(h.scripts));
    h.clock.advance(1);
  }
  const seen: string[] = [];
  for await (const { jobs } of h.telltale.resize.list({ status: "running", limit: 2 })) {
    seen.push(...jobs.map(({ id }) => id));
    h.clock.advance(1);
    await h.scripts.extend(leases.slice(seen.length % 3), LEASE_MS);
  }

  expect(seen).toEqual([...ids].reverse());
});

test("a filter without an index reads five thousand records, and then returns a cursor to continue with", async ({
  h,
}) => {
  const [old = ""] = await submitted(h, 1, { owner: "ann", tags: ["rare"] });
  await failAll(h);
  const job = await h.telltale.$engine.prepare({ kind: "resize", input: { width: 1 }, owner: "ann" });
  for (let from = 0; from < 5_250; from += 250) {
    const ids = Array.from({ length: 250 }, (_, i) => `resize_${String(from + i).padStart(32, "0")}`);
    await h.scripts.submit(ids.map((id) => ({ ...job, id })));
  }
  const options = { owner: "ann", tag: "rare" };

  const first: JobPage = await h.telltale.resize.list(options).page();
  expect(first).toEqual({ jobs: [], seen: 5_000, cursor: expect.any(String) });
  const second: JobPage = await h.telltale.resize.list({ ...options, cursor: first.cursor ?? "" }).page();
  expect(second).toMatchObject({ jobs: [{ id: old }], seen: 251, cursor: null });
  expect(await idsOf(h.telltale.resize.list(options))).toEqual([old]);
});

test("several queues are merged by time, and no job is missed while another queue is searched", async ({ h }) => {
  const { telltale, clock } = h;
  const engine = telltale.$engine;
  const expected: string[] = [];
  for (let i = 0; i < 20; i++) {
    const owner = i < 4 || i > 15 ? "ann" : "bob";
    const job = i % 2 === 0 ? telltale.resize : telltale.archive;
    const { id } = await job.submit(i % 2 === 0 ? { width: i } : (i as never), { owner });
    expected.unshift(id);
    clock.advance(1);
  }
  const read = async (query: object): Promise<string[]> => {
    const ids: string[] = [];
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const page: JobPage = await engine.find.list(
        { ...query, ...(cursor === undefined ? {} : { cursor }) },
        { detail: true },
      );
      ids.push(...page.jobs.map(({ id }) => id));
      cursor = page.cursor;
    }
    return ids;
  };

  expect(await read({ limit: 3 })).toEqual(expected);
  expect(await read({ limit: 3, owner: "ann" })).toEqual([...expected.slice(0, 4), ...expected.slice(16)]);
  expect(await read({ queue: "archive", limit: 3 })).toEqual(expected.filter((id) => id.startsWith("archive")));
  for (const queue of ["resize", "archive"]) {
    const scripts = engine.scripts(queue);
    for (const lease of [...(await claimAll(scripts)), ...(await claimAll(scripts))]) {
      await scripts.fail({ ...lease, error: ERROR, retryInMs: null, pending: null });
    }
  }
  expect((await read({ limit: 3, status: "failed" })).length).toBe(10);
  expect(new Set(await read({ limit: 3 }))).toEqual(new Set(expected));
});

test("kinds that share a queue are listed separately", async ({ h }) => {
  const shape = { input: z.int(), output: z.unknown(), queue: "shared" };
  const [one, two] = [defineJob("one", shape), defineJob("two", shape)];
  const both = { redis: h.source, prefix: h.prefix, clock: () => h.clock.now() };
  await using telltale = createTelltale({ jobs: defineJobs(one, two), ...both });
  await using half = createTelltale({ jobs: defineJobs(one), ...both });
  const first = await telltale.one.submit(1);
  await telltale.two.submit(2);

  expect(await idsOf(telltale.one.list())).toEqual([first.id]);
  // This process has no contract for the other kind, so it does not list its jobs.
  expect((await half.$engine.find.list({ queue: "shared" }, { detail: true })).jobs.map(({ id }) => id)).toEqual([
    first.id,
  ]);
  expect((await telltale.$engine.find.list({ queue: "shared" }, { detail: true })).jobs).toHaveLength(2);
});

test.for([
  ["limit", -1],
  ["limit", 0],
  ["limit", 51],
  ["limit", 1e9],
  ["limit", Number.NaN],
  ["limit", 1.5],
  ["limit", "5"],
  ["status", "dead"],
  ["code", "No Such"],
  ["code", "x".repeat(49)],
  ["tag", 'a"b'],
  ["tag", "x".repeat(65)],
  ["owner", ""],
  ["owner", "x".repeat(257)],
  ["from", new Date(Number.NaN)],
  ["to", new Date(8.64e15)],
  ["cursor", ""],
  ["cursor", "x"],
  ["cursor", "__proto__"],
  ["cursor", "x".repeat(20_000)],
  ["cursor", Buffer.from("null").toString("base64url")],
  ["cursor", Buffer.from('{"__proto__":[]}').toString("base64url")],
  ["cursor", Buffer.from('["","__proto__",[]]').toString("base64url")],
  ["tags", ["a"]],
] as const)("a list with %s %s is refused", async ([name, value], { h }) => {
  const list = h.telltale.resize.list({ [name]: value });

  await expect(list.page()).rejects.toMatchObject({ code: "invalid_input" });
});

test("a cursor works only for the list that returned it", async ({ h }) => {
  await submitted(h, 3, { owner: "ann" });
  await submitted(h, 3, { owner: "bob" });
  const { cursor } = await h.telltale.resize.list({ owner: "ann", limit: 1 }).page();
  const at = { cursor: cursor ?? "" };

  for (const options of [
    {},
    { owner: "bob" },
    { owner: "ann", status: "queued" },
    { owner: "ann", tag: "a" },
  ] as const) {
    await expect(h.telltale.resize.list({ ...options, ...at }).page()).rejects.toMatchObject({ code: "invalid_input" });
  }
  await expect(h.telltale.archive.list({ owner: "ann", ...at }).page()).rejects.toMatchObject({
    code: "invalid_input",
  });
  await expect(h.telltale.resize.list({ owner: "ann", limit: 5, ...at }).page()).resolves.toMatchObject({
    cursor: null,
  });
});

test("a forged cursor only moves to another place in the caller's own list", async ({ h }) => {
  await submitted(h, 2, { owner: "ann" });
  const [bobs = ""] = await submitted(h, 1, { owner: "bob" });
  const { cursor } = await h.telltale.resize.list({ owner: "ann", limit: 1 }).page();
  const wire = JSON.parse(Buffer.from(cursor ?? "", "base64url").toString());
  wire[1] = [9e15, bobs];
  wire[2] = [["archive", "low", 4e9, bobs, null]];

  const forged = Buffer.from(JSON.stringify(wire)).toString("base64url");
  const { jobs } = await h.telltale.resize.list({ owner: "ann", cursor: forged }).page();

  expect(jobs.map(({ owner }) => owner)).toEqual(["ann", "ann"]);
});

test("an owner whose name contains special characters of Redis is listed like any other", async ({ h }) => {
  const owners = ["*", "{x}", "ann:code:busy", "'; DEL", "é", "a", "A"];
  for (const owner of owners) await h.telltale.resize.submit({ width: 1 }, { owner });

  for (const owner of owners) {
    expect((await h.telltale.resize.list({ owner }).page()).jobs.map((job) => job.owner)).toEqual([owner]);
  }
});

test("one unreadable record does not prevent the other jobs of its page from being listed", async ({ h }) => {
  const [a = "", b = ""] = await submitted(h, 2);
  await failAll(h);
  await changeRecord(h.redis, `${h.prefix}:{resize}:job:${a}`, { error: "not ours" });
  await h.redis.del(`${h.prefix}:{resize}:job:${b}`);

  expect((await h.telltale.resize.list({ status: "failed" }).page()).jobs).toMatchObject([
    { id: a, error: { code: "corrupt" } },
  ]);
});

test("a job leaves every index when it is removed after its retention", async ({ h }) => {
  const { telltale, clock, redis, prefix } = h;
  await oneOfEach(h);
  clock.advance(2 * 3_600_000);
  await h.scripts.promote();
  await h.scripts.reclaim(LEASE_MS);
  clock.advance(60_000);
  await h.scripts.promote();
  await failAll(h);
  clock.advance(8 * DAY);
  expect(await redis.keys(`${prefix}:{resize}:owner:*`)).toHaveLength(1);
  expect(await redis.keys(`${prefix}:{resize}:failed:*`)).toEqual(
    expect.arrayContaining([`${prefix}:{resize}:failed:tag:t`]),
  );
  await h.scripts.prune();

  const left = (await redis.keys(`${prefix}:{resize}:*`)).map((key) => key.slice(`${prefix}:{resize}:`.length));
  const expiring = /^(claim|minutes|hours):/;
  expect(left.filter((key) => !expiring.test(key)).sort()).toEqual(["history", "meta", "totals"]);
  expect((await telltale.resize.list().page()).jobs).toEqual([]);
});

test("a job that never failed has no entries in the indexes of failed jobs", async ({ h }) => {
  await h.telltale.resize.submit({ width: 1 }, { tags: ["t"] });
  await h.scripts.complete({ ...(await claimOne(h.scripts)), output: OUTPUT, pending: null });

  const keys = await h.redis.keys(`${h.prefix}:{resize}:*`);
  expect(keys.filter((key) => /errors|owner|:(code|tag):/.test(key))).toEqual([]);
});
