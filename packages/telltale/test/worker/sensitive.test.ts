import { randomUUID } from "node:crypto";
import { testRedis } from "@telltale/testkit";
import { initTRPC } from "@trpc/server";
import { defineJob, defineJobs, fixed, handle, transformer } from "telltale";
import { createTelltale } from "telltale/server";
import { createJobsRouter, type Subject } from "telltale/trpc";
import { createWorker } from "telltale/worker";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { all as allTracked } from "../trpc/harness.js";

const redis = await testRedis();
afterAll(() => redis.stop());

const NUMBER = "4111 1111 1111 1111";
const ann: Subject = { id: "ann" };
const root: Subject = { id: "root", operator: true };

const card = z.object({ number: z.string(), holder: z.string() });
const pay = defineJob("pay", {
  input: z.object({ card, fails: z.enum(["thrown", "declared"]).optional() }),
  progress: z.object({ card }),
  chunk: z.object({ card }),
  output: z.object({ card, paid: z.boolean() }),
  errors: { declined: z.object({ card }) },
  sensitive: ["card.number"],
  retry: { attempts: 1, backoff: fixed("1s") },
});
const jobs = defineJobs(pay);

/** A worker, and callers of its router. */
async function stage() {
  const telltale = createTelltale({ jobs, redis: redis.url, prefix: `s${randomUUID().slice(0, 8)}`, logger: false });
  const handler = handle(pay, async ({ input, progress, chunk, fail }) => {
    progress({ card: input.card });
    chunk({ card: input.card });
    if (input.fails === "thrown") throw new Error(`no answer for ${input.card.number} of ${input.card.holder}`);
    if (input.fails === "declared") throw fail("declined", { card: input.card });
    return { card: input.card, paid: true };
  });
  const worker = createWorker({ telltale, handlers: [handler], logger: false });
  await worker.start();
  const t = initTRPC.context<{ subject: Subject | null }>().create({ transformer });
  const router = t.router({
    jobs: createJobsRouter(telltale, { procedure: t.procedure, subject: (ctx) => ctx.subject, submit: ["pay"] }),
  });
  onTestFinished(async () => {
    await worker.stop();
    await telltale[Symbol.asyncDispose]();
  });
  const as = (subject: Subject | null) => router.createCaller({ subject }).jobs;
  return { telltale, as };
}

async function all<D>(subscription: Promise<AsyncIterable<{ id: string; data: D }>>): Promise<D[]> {
  return (await allTracked(subscription)).map(([, data]) => data);
}

const input = (fails?: "thrown" | "declared") => ({
  card: { number: NUMBER, holder: "Ann" },
  ...(fails ? { fails } : {}),
});

test("an operator sees no sensitive value of another's job, wherever it is", async () => {
  const { as } = await stage();
  const { id } = await as(ann).submit({ kind: "pay", input: input() });
  const statuses = await all(as(root).onStatus({ id }));
  const chunks = await all(as(root).onChunk({ id }));
  const detail = await as(root).get({ id });

  const hidden = { number: "[redacted]", holder: "Ann" };
  expect(statuses.at(-1)).toMatchObject({ status: "completed", output: { card: hidden, paid: true } });
  expect(chunks).toMatchObject([{ data: { card: hidden } }]);
  expect(detail).toMatchObject({ input: { card: hidden }, output: { card: hidden } });
  expect(JSON.stringify([statuses, chunks, detail])).not.toContain("4111");
});

test("errors hide sensitive values in their data, and in what the handler said", async () => {
  const { as } = await stage();
  const thrown = await as(ann).submit({ kind: "pay", input: input("thrown") });
  const declared = await as(ann).submit({ kind: "pay", input: input("declared") });
  const statuses = [await all(as(root).onStatus(thrown)), await all(as(root).onStatus(declared))];
  const details = [await as(root).get(thrown), await as(root).get(declared)];

  expect(details).toMatchObject([
    { error: { message: expect.stringContaining("no answer for [redacted] of Ann") } },
    { error: { code: "declined", data: { card: { number: "[redacted]" } } }, story: [{ outcome: "failed" }] },
  ]);
  expect(JSON.stringify([statuses, details, await as(root).list({})])).not.toContain("4111");
});

test("a sensitive text of several lines is hidden in an error, also where the message is cut", async () => {
  const { telltale, as } = await stage();
  const number = `${"-".repeat(1_960)}KEY\nline one of the key\nline two of the key`;
  const job = await telltale.pay.submit({ card: { number, holder: "Ann" }, fails: "thrown" }, { owner: "ann" });
  await job.result();

  const detail = JSON.stringify((await as(root).get({ id: job.id })).story);

  expect(detail).toContain("no answer for [redacted] of Ann");
  expect(detail).not.toContain("KEY");
});

test("an operator sees no sensitive value of a schedule", async () => {
  const { telltale, as } = await stage();
  await telltale.$schedules.set("nightly", { job: pay, input: input(), cron: "0 3 * * *" });

  expect(await as(root).schedules.list()).toMatchObject([{ input: { card: { number: "[redacted]", holder: "Ann" } } }]);
  expect(await telltale.$schedules.list()).toMatchObject([{ input: input() }]);
});

test("the owner of a job sees everything of it, also if that is an operator, and so does the application", async () => {
  const { as, telltale } = await stage();
  for (const owner of [ann, root]) {
    const { id } = await as(owner).submit({ kind: "pay", input: input("declared") });
    const statuses = await all(as(owner).onStatus({ id }));

    expect(statuses.at(-1)).toMatchObject({ error: { data: { card: { number: NUMBER } } } });
    expect(await as(owner).get({ id })).toMatchObject({ input: input("declared") });
    expect(await telltale.pay.job(id).get()).toMatchObject({ input: input("declared") });
  }
});

test("watchers of one job who may see different things get different events", async () => {
  const { as } = await stage();
  const { id } = await as(ann).submit({ kind: "pay", input: input() });

  const [owners, operators] = await Promise.all([all(as(ann).onStatus({ id })), all(as(root).onStatus({ id }))]);

  expect(owners.at(-1)).toMatchObject({ output: { card: { number: NUMBER } } });
  expect(operators.at(-1)).toMatchObject({ output: { card: { number: "[redacted]" } } });
});
