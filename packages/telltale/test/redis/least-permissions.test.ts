import { readFileSync } from "node:fs";
import { testRedis, waitFor } from "@telltale/testkit";
import { initTRPC } from "@trpc/server";
import { Redis } from "ioredis";
import {
  defineJob,
  defineJobs,
  defineQueue,
  fixed,
  handle,
  LOG_LIMITS,
  type ObserverEvent,
  transformer,
} from "telltale";
import { createClient } from "telltale/client";
import { createGateway } from "telltale/gateway";
import { createTelltale } from "telltale/server";
import { createJobsRouter, type Subject, telltaleErrorFormatter } from "telltale/trpc";
import { createWorker } from "telltale/worker";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { DIRECT_COMMANDS } from "../../src/queue/redis/commands.js";
import { SCRIPTS } from "../../src/queue/scripts/lua.generated.js";
import { deferred } from "../worker/harness.js";

const input = z.object({ tenant: z.string() });
const work = defineJob("work", {
  input,
  progress: z.object({ step: z.int() }),
  chunk: z.object({ text: z.string() }),
  output: z.object({ text: z.string() }),
  retry: { attempts: 2, backoff: fixed("1s") },
  queue: defineQueue("limited", { concurrency: 20, rate: { max: 1_000, per: "1m" }, maxWaiting: 1_000 }),
  limits: {
    concurrency: { key: ({ tenant }) => tenant, max: 1 },
    rate: { key: ({ tenant }) => tenant, max: 100, per: "1s" },
  },
});
const part = defineJob("part", {
  ...{ input: z.object({}), output: z.null(), retention: { completed: { count: 1 } } },
  formerQueues: ["limited"],
});
const jobs = defineJobs(work, part);

test("with the users in docs/redis.md, servers and workers can run every script, and no permission is superfluous", async () => {
  await using redis = await testRedis({ config: usersOf("docs/redis.md") });
  const admin = new Redis(redis.url);
  onTestFinished(() => admin.disconnect());
  const called = new Set<string>();
  const refused: ObserverEvent[] = [];
  const observer = (event: ObserverEvent) => {
    if (event.type !== "script.called") return;
    called.add(event.script);
    if (event.code !== null) refused.push(event);
  };
  const open = (username: string) =>
    createTelltale({
      ...{ jobs, observer, logger: false },
      redis: { path: redis.socketPath, username, password: "PASSWORD" },
    });
  await using server = open("server");
  await using elsewhere = open("worker");
  const t = initTRPC.context<{ subject: Subject }>().create({ transformer, errorFormatter: telltaleErrorFormatter });
  const router = t.router({
    jobs: createJobsRouter(server, {
      procedure: t.procedure,
      subject: ({ subject }) => subject,
      submit: ["work", "part"],
    }),
  });
  await using gateway = createGateway({
    router,
    createContext: () => ({ subject: { id: "ann", operator: true } }),
    ready: () => server.$engine.ping(),
  });
  const { url } = await gateway.listen(0);
  expect((await fetch(new URL("/readyz", url))).status).toBe(200);

  const linesOf = async (id: string): Promise<string[]> => {
    const lines: string[] = [];
    for await (const { message } of server.work.job(id).logs()) lines.push(message);
    return lines;
  };
  const release = deferred();
  const handlers = [
    handle(work, async ({ input: { tenant }, progress, chunk, log, submit, attempt, fence, job, signal }) => {
      progress({ step: 1 });
      chunk({ text: "a" });
      if (tenant === "parent") {
        for (let i = 1; i <= LOG_LIMITS.lines; i++) log.info("a");
        await waitFor(async () => (await linesOf(job.id)).length === LOG_LIMITS.lines);
        const line = { number: LOG_LIMITS.lines + 1, ageMs: 0, level: "warn", message: '"mark"', data: "" } as const;
        await elsewhere.$engine.scripts("limited").markLog({ id: job.id, fence, lines: [line] });
      }
      if (tenant === "fails" && attempt === 1) throw new Error("once");
      if (tenant === "stays") await new Promise((_, reject) => signal.addEventListener("abort", reject));
      if (tenant === "parent") await (await submit(part, {})).output();
      if (tenant === "waits") await release.promise;
      return { text: tenant };
    }),
    handle(part, async () => null),
  ];
  const options = { handlers, telltale: elsewhere, leaseMs: 600, pollMs: 20, graceMs: 0, logger: false } as const;
  const worker = createWorker(options);
  await worker.start();
  await using client = createClient<typeof jobs>({ url: `${url}/trpc`, router: "jobs", auth: "ann" });

  // Submit, work, watch.
  const job = await client.work.submit({ tenant: "parent" }, { idempotencyKey: "k", uniqueKey: "u", tags: ["t"] });
  const chunks: string[] = [];
  const events: string[] = [];
  await Promise.all([
    (async () => {
      for await (const event of job.watch()) events.push(event.status);
    })(),
    (async () => {
      for await (const { data } of job.chunks()) chunks.push(String(data?.text));
    })(),
  ]);
  expect(events).toEqual(expect.arrayContaining(["queued", "running", "completed"]));
  expect(chunks).toEqual(["a"]);
  expect((await linesOf(job.id)).slice(-2)).toEqual(["a", "mark"]);
  const failing = await client.work.submit({ tenant: "fails" });
  await waitFor(async () => (await failing.get()).status === "retrying");
  await server.$engine.runNow(failing.id);
  expect(await failing.result()).toMatchObject({ ok: true });

  // Two of one tenant: the second is blocked, until the first ends, after its lease was extended.
  const [first, second] = [
    await client.work.submit({ tenant: "waits" }),
    await client.work.submit({ tenant: "waits" }),
  ];
  await waitFor(() => worker.liveness.lastExtendAt !== null);
  for (const status of ["queued", "running", "completed", "scheduled", "failed", "cancelled"] as const)
    await client.work.list({ status }).page();
  await client.work.list({ tag: "t" }).page();
  release.resolve();
  expect(await Promise.all([first.result(), second.result()])).toMatchObject([{ ok: true }, { ok: true }]);

  // Schedule.
  await server.$schedules.set("tick", { job: part, input: {}, every: "1s" });
  await waitFor(() => called.has("fire-schedule"));
  expect((await server.$schedules.list()).length).toBe(1);
  await server.$schedules.remove("tick");

  // Cancel, pause, rerun and remove.
  const later = await client.work.submit({ tenant: "later" }, { delay: "1h" });
  expect(await later.cancel()).toBe("cancelled");
  const staying = await client.work.submit({ tenant: "stays" });
  await waitFor(async () => (await staying.get()).status === "running");
  expect(await staying.cancel()).toBe("requested");
  await staying.result();
  await server.$engine.rerun(failing.id);
  expect(await failing.result()).toMatchObject({ ok: true });
  await server.$queues.pause("limited");
  const late = await client.work.submit({ tenant: "late" }, { startWithin: "1s", priority: "low" });
  expect(await late.result()).toMatchObject({ ok: false, status: "cancelled" });
  await server.$queues.resume("limited");
  await server.$engine.remove(late.id);
  expect((await server.$queues.list()).length).toBe(2);

  // A worker that is lost, a record that is damaged, and a shutdown that gives jobs back.
  const scripts = elsewhere.$engine.scripts("part");
  await server.$queues.pause("part");
  const lost = await server.part.submit({});
  await scripts.aside();
  await scripts.readHistory({ per: "hours", first: 0, last: 0, kind: "" });
  const useless = await Promise.all(Array.from({ length: 1_100 }, () => server.part.submit({})));
  await Promise.all(useless.map((job) => job.cancel()));
  while ((await scripts.compact()).more);
  await server.$queues.resume("part");
  expect(await lost.result()).toMatchObject({ ok: true });
  const given = await client.work.submit({ tenant: "stays" });
  await waitFor(async () => (await given.get()).status === "running");
  expect((await server.$workers.list()).workers).toMatchObject([{ name: worker.name }]);
  expect(await server.$workers.drain(worker.name)).toMatchObject({ asked: 1 });
  await worker.stop();
  expect((await given.get()).status).toBe("queued");

  // Failures and bulk actions.
  await server.$failures();
  await server.part.submit({}, { delay: "1h" });
  for await (const _ of server.$bulk.runNow({ kind: "part" }));
  for await (const _ of server.$bulk.cancel({ kind: "part" }));
  for await (const _ of server.$bulk.rerun({ kind: "work", status: "cancelled" }));
  for await (const _ of server.$queues.drain("part"));
  for await (const _ of server.$bulk.remove({ kind: "part", status: "cancelled" }));
  await server.$queues.pause("part");
  for await (const _ of server.$queues.obliterate("part", { confirm: "part" }));

  expect(refused).toEqual([]);
  expect(Object.keys(SCRIPTS).filter((script) => !called.has(script))).toEqual([]);
  expect(await admin.acl("LOG")).toEqual([]);
  const stats = await admin.info("commandstats");
  const users = Object.values(usersOf("docs/redis.md")).join(" ");
  const rules = new Set(Array.from(users.matchAll(/\+(\w+)/g), ([, command = ""]) => command));
  // Channels are left only five seconds after their last watcher.
  const unused = [...rules].filter((command) => !stats.includes(`cmdstat_${command}:`) && command !== "unsubscribe");
  expect(unused).toEqual([]);
  expect(Object.keys(DIRECT_COMMANDS).filter((command) => !rules.has(command))).toEqual(["incr", "wait"]);
});

/** The users of a page, as directives of redis.conf. */
function usersOf(page: string): Record<string, string> {
  const text = readFileSync(new URL(`../../../../${page}`, import.meta.url), "utf8");
  return Object.fromEntries(
    Array.from(text.matchAll(/^user (\w+) (on >PASSWORD .*)$/gm), ([, name = "", rules = ""]) => [
      `user ${name}`,
      rules,
    ]),
  );
}
