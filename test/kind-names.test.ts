import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testRedis } from "@telltale/testkit";
import { initTRPC } from "@trpc/server";
import { type AnyJob, defineJob, defineJobs, handle, kindOfJobId, transformer } from "telltale";
import { createClient } from "telltale/client";
import { createGateway } from "telltale/gateway";
import { createTelltale } from "telltale/server";
import { createJobsRouter, telltaleErrorFormatter } from "telltale/trpc";
import { createWorker } from "telltale/worker";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { telltale as run } from "../packages/telltale/test/cli/telltale.js";
import { askRedis } from "./one-process.js";

const spec = {
  input: z.object({ to: z.string() }),
  output: z.object({ sent: z.string() }),
  chunk: z.object({ text: z.string() }),
  limits: { concurrency: { key: ({ to }: { to: string }) => to, max: 1 } },
};
const jobs = defineJobs(defineJob("send-email", spec), defineJob("mail.send", spec), defineJob("send_mail", spec));
const KINDS = ["send-email", "mail.send", "send_mail"] as const;
const OTHERS = { "send-email": "mail.send", "mail.send": "send_mail", send_mail: "send-email" } as const;

/** An engine, a worker and a gateway on a private Redis, and a client of the gateway. */
async function open() {
  const redis = await testRedis();
  onTestFinished(() => redis.stop());
  const telltale = createTelltale({ jobs, redis: redis.url });
  onTestFinished(() => telltale[Symbol.asyncDispose]());
  const t = initTRPC.create({ transformer, errorFormatter: telltaleErrorFormatter });
  const router = createJobsRouter(telltale, {
    procedure: t.procedure,
    subject: () => ({ id: "ann", operator: true }),
    submit: KINDS,
  });
  const gateway = createGateway({ router: t.router({ ...router._def.record }), createContext: () => ({}) });
  onTestFinished(() => gateway.close({ graceMs: 0 }));
  const { url } = await gateway.listen(0);
  const client = createClient<typeof jobs>({ url });
  onTestFinished(() => client.close());
  const work = (): void => {
    const handlers = Object.values<AnyJob>(jobs).map((job) =>
      handle(job, async ({ input, chunk }) => {
        chunk({ text: input.to });
        return { sent: input.to };
      }),
    );
    const worker = createWorker({ telltale, handlers, pollMs: 50, graceMs: 0 });
    onTestFinished(() => worker.stop());
  };
  return { redis, telltale, client, url, work };
}

test.each(KINDS)("jobs of the kind %s are submitted, watched, found and cancelled through the SDK", async (kind) => {
  const { client, work } = await open();
  const late = await client[kind].submit({ to: "later" }, { delay: "1h", uniqueKey: "u" });
  const [job] = (await client[kind].submitMany([{ input: { to: "ann" } }])).map((one) => (one.ok ? one.job : null));
  if (!job) throw new Error("not submitted");
  work();

  const statuses: string[] = [];
  for await (const event of job.watch()) statuses.push(`${event.kind} ${event.status}`);
  const texts: unknown[] = [];
  for await (const piece of job.chunks()) texts.push(piece.data?.text);

  expect(kindOfJobId(job.id)).toBe(kind);
  expect([statuses[0], statuses.at(-1)]).toEqual([`${kind} queued`, `${kind} completed`]);
  expect(texts).toEqual(["ann"]);
  expect(await client[kind].job(job.id).get()).toMatchObject({ id: job.id, kind, output: { sent: "ann" } });
  await expect(client[OTHERS[kind]].job(job.id).get()).rejects.toMatchObject({ code: "not_found" });
  const taken = { code: "unique_conflict", data: { id: late.id } };
  await expect(client[kind].submit({ to: "again" }, { uniqueKey: "u" })).rejects.toMatchObject(taken);
  expect(await late.cancel()).toBe("cancelled");
  const { jobs: listed } = await client[kind].list().page();
  expect(listed.map((one) => [one.kind, one.status, one.id])).toEqual(
    expect.arrayContaining([
      [kind, "completed", job.id],
      [kind, "cancelled", late.id],
    ]),
  );
  expect((await client[OTHERS[kind]].list().page()).jobs).toEqual([]);
});

test.each(KINDS)("jobs of the kind %s are submitted, watched, found and cancelled in process", async (kind) => {
  const { telltale, work } = await open();
  const late = await telltale[kind].submit({ to: "later" }, { delay: "1h", idempotencyKey: "k", owner: "ann" });
  const prepared = await telltale[kind].prepare({ to: "ann" });
  const job = await telltale.submitPrepared(JSON.parse(JSON.stringify(prepared)));
  await telltale.$schedules.set("nightly", { job: jobs[kind], input: { to: "night" }, cron: "0 3 * * *" });
  work();

  const statuses: string[] = [];
  for await (const event of job.watch()) statuses.push(`${event.kind} ${event.status}`);

  expect(statuses.at(-1)).toBe(`${kind} completed`);
  expect(await telltale[kind].job(job.id).get()).toMatchObject({ kind, output: { sent: "ann" } });
  const again = await telltale[kind].submit({ to: "later" }, { delay: "1h", idempotencyKey: "k", owner: "ann" });
  expect(again.id).toBe(late.id);
  expect(await late.cancel()).toBe("cancelled");
  expect((await telltale[kind].list({ status: "cancelled" }).page()).jobs).toMatchObject([{ id: late.id, kind }]);
  expect((await telltale[kind].list({ owner: "ann" }).page()).jobs).toMatchObject([{ id: late.id, kind }]);
  expect(await telltale.$schedules.list()).toMatchObject([{ name: "nightly", kind }]);
  await telltale.$queues.pause(kind);
  expect(await telltale.$queues.list()).toContainEqual(expect.objectContaining({ queue: kind, paused: true }));
});

test.each(["send-email", "mail.send"])(
  "the command line submits, watches and lists jobs of the kind %s",
  async (kind) => {
    const { url, work } = await open();
    const home = await mkdtemp(join(tmpdir(), "telltale-kinds-"));
    onTestFinished(() => rm(home, { recursive: true }));
    work();

    const submitted = await run({ url, home }, "submit", kind, "--input", '{"to":"ann"}', "--wait", "--json");
    const listed = await run({ url, home }, "list", "--kind", kind, "--json");

    expect(submitted).toMatchObject({ code: 0, err: "" });
    const { id }: { id: unknown } = JSON.parse(submitted.out.split("\n")[0] ?? "");
    expect(JSON.parse(listed.out)).toMatchObject({ id, kind, status: "completed" });
  },
);

test.each(KINDS)("a damaged job without a kind fails as the kind in its id, %s", async (kind) => {
  const { redis, telltale, work } = await open();
  const job = await telltale[kind].submit({ to: "ann" });
  await askRedis(redis.socketPath, `HDEL telltale:{${kind}}:job:${job.id} job`);
  work();

  const corrupt = { id: job.id, kind, error: { code: "corrupt" } };
  await expect.poll(async () => (await telltale[kind].list({ status: "failed" }).page()).jobs).toMatchObject([corrupt]);
});
