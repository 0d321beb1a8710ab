import { defineJob, defineJobs, type JobStatus, type ListOptions } from "telltale";
import { createTelltale } from "telltale/server";
import { expect } from "vitest";
import { z } from "zod";
import { claimAll, claimOne, type Harness, LEASE_MS, OUTPUT, test } from "./harness.js";

const render = defineJob("render", {
  input: z.object({ tenant: z.string() }),
  output: z.unknown(),
  limits: { concurrency: { key: ({ tenant }) => tenant, max: 1 }, rate: { key: () => "all", max: 500, per: "1m" } },
});
const plain = defineJob("plain", { input: z.unknown(), output: z.unknown(), queue: "render" });

function limited(h: Harness) {
  const { clock, prefix } = h;
  return createTelltale({
    jobs: defineJobs(render, plain),
    redis: String(h.source),
    prefix,
    clock: () => clock.now(),
    logger: false,
  });
}

async function idsOf(pages: AsyncIterable<{ readonly jobs: readonly { readonly id: string }[] }>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { jobs } of pages) ids.push(...jobs.map(({ id }) => id));
  return ids;
}

test("queued jobs that wait for a limit key are found by status, tag and kind", async ({ h }) => {
  await using telltale = limited(h);
  const queuedAt = h.clock.now();
  const items = Array.from({ length: 300 }, (_, i) => ({
    input: { tenant: `${i % 7}` },
    options: { tags: ["import"], priority: i % 2 === 0 ? "high" : "low" } as const,
  }));
  const submitted = await telltale.render.submitMany(items);
  const all = submitted.flatMap((outcome) => (outcome.ok ? [outcome.job.id] : [])).sort();
  const find = async (options: ListOptions): Promise<string[]> => (await idsOf(telltale.render.list(options))).sort();

  expect(all).toHaveLength(300);
  expect(await find({ status: "queued" })).toEqual(all);
  expect(await find({ tag: "import" })).toEqual(all);
  expect(await find({ limit: 7 })).toEqual(all);
  expect(await telltale.$queues.list()).toMatchObject([{ jobs: { queued: 300 }, oldestQueuedAt: queuedAt }]);

  h.clock.advance(1_000);
  const scripts = telltale.$engine.scripts("render");
  const running = await claimAll(scripts);
  expect(running).toHaveLength(7);
  expect(await find({ status: "queued" })).toHaveLength(293);
  expect(await find({ status: "running" })).toEqual(running.map(({ id }) => id).sort());
  expect(await find({ tag: "import" })).toEqual(all);
});

test("jobs with and without limit keys are listed together, newest first, on pages of any size", async ({ h }) => {
  await using telltale = limited(h);
  const expected: string[] = [];
  for (let i = 0; i < 10; i++) {
    h.clock.advance(1);
    expected.unshift((await telltale.render.submit({ tenant: "a" })).id);
    h.clock.advance(1);
    expected.unshift((await telltale.plain.submit(i)).id);
  }
  const list = (limit: number) => telltale.$engine.find.list({ status: "queued", limit }, { detail: true });

  expect((await list(100)).jobs.map(({ id }) => id)).toEqual(expected);
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await telltale.$engine.find.list({ status: "queued", limit: 3, cursor }, { detail: true });
    found.push(...page.jobs.map(({ id }) => id));
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
  expect(found).toEqual(expected);
});

test("a job with a limit key is found exactly once in each status that it passes through", async ({ h }) => {
  await using telltale = limited(h);
  const scripts = telltale.$engine.scripts("render");
  const job = await telltale.render.submit({ tenant: "a" }, { delay: "1m" });
  const isIn = async (status: JobStatus): Promise<void> => {
    expect(await idsOf(telltale.render.list({ status }))).toEqual([job.id]);
    expect(await idsOf(telltale.render.list())).toEqual([job.id]);
  };

  await isIn("scheduled");
  h.clock.advance(60_000);
  await scripts.promote();
  await isIn("queued");
  await scripts.release([await claimOne(scripts)]);
  await isIn("queued");
  await claimOne(scripts);
  await isIn("running");
  h.clock.advance(LEASE_MS + 1);
  await scripts.reclaim(LEASE_MS);
  await isIn("retrying");
  await job.cancel();
  await isIn("cancelled");
  await telltale.$engine.rerun(job.id);
  await isIn("queued");
  await scripts.complete({ ...(await claimOne(scripts)), output: OUTPUT, pending: null });
  await isIn("completed");
});

test("more than five hundred running jobs are all found while their leases are extended", async ({ h }) => {
  const items = Array.from({ length: 1_100 }, (_, width) => ({ input: { width } }));
  for (const { ok } of await h.telltale.resize.submitMany(items)) expect(ok).toBe(true);
  const leases: { id: string; fence: number }[] = [];
  while (leases.length < 1_100) {
    h.clock.advance(1);
    leases.push(...(await claimAll(h.scripts, 50)));
  }

  const found: string[] = [];
  for await (const { jobs } of h.telltale.resize.list({ status: "running", limit: 50 })) {
    found.push(...jobs.map(({ id }) => id));
    h.clock.advance(1);
    await h.scripts.extend(leases.slice(0, 300), LEASE_MS);
  }

  expect(found).toHaveLength(1_100);
  expect(found.toSorted()).toEqual(leases.map(({ id }) => id).sort());
});

test("the oldest queued job is found even if many jobs before it were cancelled", async ({ h }) => {
  for (let i = 0; i < 30; i++) await (await h.telltale.resize.submit({ width: i })).cancel();
  const at = h.clock.now();
  await h.telltale.resize.submit({ width: 1 });

  expect(await h.scripts.stats()).toMatchObject({ oldestQueuedAt: at, jobs: { queued: 1 } });
});
