// The public API: correct code compiles, and wrong code does not. Checked by `npm run typecheck`.

import { createTRPCClient, httpLink } from "@trpc/client";
import superjson from "superjson";
import { custom, defineJob, defineJobs, handle, type PreparedJob } from "telltale";
import { createClient, createJobsClient } from "telltale/client";
import { createGateway } from "telltale/gateway";
import { createTelltale } from "telltale/server";
import { createJobsRouter } from "telltale/trpc";
import { createWorker } from "telltale/worker";
import { z } from "zod";
import { type Context, type jobs as Jobs, jobs, judge, problems, protectedProcedure, refund, t } from "./host.js";

type IsAny<T> = 0 extends 1 & T ? true : false;
declare function notAny<T>(value: T, isAny: IsAny<T> extends true ? never : "typed"): void;

// The worker: literals keep their types, and types narrow because failures are thrown.
export const judgeHandler = handle(judge, async ({ input, progress, chunk, signal, fail }) => {
  const problem = problems.get(input.problem);
  if (!problem) throw fail("unknown_problem", { problem: input.problem });
  for (const [passed, run] of problem.tests.entries()) {
    if (!(await run(input.source, signal))) return { verdict: "wrong_answer", passed, at: new Date() };
    progress({ passed, total: problem.tests.length });
    chunk({ text: "passed" });
  }
  return { verdict: "accepted", passed: problem.tests.length, at: new Date() };
});
export const refundHandler = handle(refund, async () => ({ cents: 1 }));

export const orderHandler = handle(refund, async ({ input, submit }) => {
  const child = await submit(judge, { problem: input.order, language: "javascript", source: "" }, { delay: "1s" });
  notAny(child, "typed");
  const { passed } = await child.output();
  passed satisfies number;
  const byName = await submit("judge", { anything: true });
  byName.id satisfies string;
  // @ts-expect-error wrong input for a child
  await submit(judge, { order: "" });
  // @ts-expect-error a child belongs to its parent's owner
  await submit(refund, { order: "" }, { owner: "u1" });
  return { cents: passed };
});

export const telltale = createTelltale({ jobs, redis: process.env.REDIS_URL });
await using worker = createWorker({
  telltale,
  handlers: [judgeHandler, refundHandler],
  use: [async (_job, next) => next()],
});
notAny(worker, "typed");
const refunding = await telltale.refund.submit({ order: "o1" }, { owner: "u1", idempotencyKey: "o1", delay: "10m" });
for await (const event of refunding.watch()) {
  notAny(event, "typed");
  if (event.status === "completed") event.output.cents satisfies number;
}

for (const outcome of await telltale.refund.submitMany([{ input: { order: "o1" }, options: { owner: "u1" } }])) {
  notAny(outcome, "typed");
  if (outcome.ok) (await outcome.job.output()).cents satisfies number;
  // @ts-expect-error `ok` must be checked before there is a job
  outcome.job;
  if (!outcome.ok) notAny(outcome.error.code, "typed");
}
const prepared = await telltale.refund.prepare({ order: "o1" }, { owner: "u1", delay: "10m" });
notAny(prepared, "typed");
prepared satisfies PreparedJob;
const fromOutbox: unknown = JSON.parse(JSON.stringify(prepared));
notAny(await telltale.submitPrepared(fromOutbox), "typed");
(await telltale.submitPrepared(prepared)).id satisfies string;
// Schedules: the input has the contract's type.
(
  await telltale.$schedules.set("nightly", {
    job: refund,
    input: { order: "o1" },
    cron: "0 3 * * *",
    timeZone: "Europe/Berlin",
    catchUp: "none",
  })
).next satisfies Date;
await telltale.$schedules.set("often", { job: refund, input: { order: "o1" }, every: "10m", tags: ["a"] });
const [schedule] = await telltale.$schedules.list();
notAny(schedule, "typed");
(await telltale.$schedules.remove("nightly")) satisfies boolean;

// The host's tRPC app, with its own procedure, context and transformer.
export const appRouter = t.router({
  hello: t.procedure.query(() => "yours"),
  jobs: createJobsRouter(telltale, {
    procedure: protectedProcedure,
    subject: (ctx) => ({ id: ctx.user.id, operator: ctx.user.role === "admin" }),
    submit: ["judge"],
  }),
});
const gateway = createGateway({
  router: appRouter,
  createContext: (): Context => ({ user: null }),
  origins: ["https://app.example"],
});
(await gateway.listen(3_000)).url satisfies string;

// A client in a browser or a script, on an existing tRPC client.
const trpc = createTRPCClient<typeof appRouter>({ links: [httpLink({ url: "", transformer: superjson })] });
const client = createJobsClient<typeof Jobs>(trpc.jobs);
const job = await client.judge.submit({ problem: "sum", language: "javascript", source: "…" });
for await (const now of job.watch()) {
  notAny(now, "typed");
  if (now.status === "running") now.progress?.passed satisfies number | undefined;
  // @ts-expect-error a running job has no output
  if (now.status === "running") now.output;
}
for await (const piece of job.chunks()) if (!piece.truncated) piece.data.text satisfies string;
const result = await job.result();
notAny(result, "typed");
if (result.ok) result.output.at satisfies Date;
if (!result.ok && result.status === "failed" && result.error.code === "unknown_problem") {
  result.error.data.problem satisfies string;
}
// @ts-expect-error a code the contract does not declare
if (!result.ok && result.status === "failed" && result.error.code === "nope") result.error;
(await job.cancel()) satisfies "cancelled" | "requested" | "already_finished";
client.judge.job("judge_0", { token: "…" }).id satisfies string;

for (const outcome of await client.judge.submitMany([
  { input: { problem: "sum", language: "javascript", source: "…" }, options: { delay: "1s" } },
])) {
  if (outcome.ok) outcome.job.watch({ onConnection: (state) => state satisfies string });
}

// Or with a connection of its own.
await using own = createClient<typeof Jobs>({ url: "http://127.0.0.1:3000" });
(await (await own.refund.submit({ order: "o" })).output()).cents satisfies number;

// Plain tRPC is typed as well.
const answer = await trpc.jobs.submit.mutate({
  kind: "judge",
  input: { problem: "sum", language: "javascript", source: "…" },
});
notAny(answer.token, "typed");
answer.kind satisfies "judge";
const event = await trpc.jobs.get.query({ id: answer.id });
notAny(event, "typed");
for (const { attempt, code, message } of event.errors) [attempt satisfies number, code satisfies string, message];
const page = await trpc.jobs.list.query({ status: "failed", code: "unknown_problem", limit: 5 });
notAny(page.jobs[0], "typed");
page.jobs[0]?.kind satisfies "judge" | "refund" | undefined;
// @ts-expect-error no such status
await trpc.jobs.list.query({ status: "dead" });
for await (const { jobs } of client.judge.list({ tag: "a" })) jobs[0]?.kind satisfies "judge" | undefined;
for await (const { jobs } of telltale.judge.list({ owner: "u1" })) jobs[0]?.owner satisfies string | undefined;
(await telltale.judge.job("judge_0").get()).createdAt satisfies number;
const rerun = await trpc.jobs.rerun.mutate({ ids: [answer.id] });
if (Array.isArray(rerun)) for (const one of rerun) if ("error" in one) one.error.message satisfies string;
const [queue] = await trpc.jobs.queues.list.query();
notAny(queue, "typed");
queue?.jobs.failed satisfies number | undefined;
trpc.jobs.queues.onStats.subscribe({}, { onData: ({ data }) => data[0]?.paused satisfies boolean | undefined });

const log = await trpc.jobs.logs.query({ id: answer.id, limit: 10 });
notAny(log.lines, "typed");
log.lines[0]?.level satisfies "debug" | "info" | "warn" | "error" | undefined;
trpc.jobs.onLogs.subscribe({ id: answer.id }, { onData: ({ data }) => data.dropped satisfies number | undefined });
for await (const { message, data } of telltale.judge.job("judge_0").logs({ follow: true }))
  [message satisfies string, data];

trpc.jobs.onStatus.subscribe(
  { id: answer.id },
  {
    onData: ({ id, data }) => {
      notAny(data, "typed");
      id satisfies string;
      // @ts-expect-error no output while running
      if (data.status === "running") data.output;
      if (data.kind === "judge" && data.status === "completed") data.output.at satisfies Date;
      if (data.kind === "judge" && data.status === "failed" && data.error.code === "unknown_problem") {
        data.error.data.problem satisfies string;
      }
    },
  },
);

defineJob("slow", { input: z.null(), output: z.null(), retry: { backoff: custom((attempt) => `${attempt}m`) } });

// What must not compile.
// @ts-expect-error a backoff that is not a duration
custom(() => "soon");
// @ts-expect-error an asynchronous backoff
custom(async () => 100);
const scheduled = await trpc.jobs.schedules.set.mutate({
  name: "n",
  kind: "judge",
  input: { problem: "sum", language: "javascript", source: "…" },
  everyMs: 1_000,
});
notAny(scheduled, "typed");
scheduled.next satisfies Date;
const [listed] = await trpc.jobs.schedules.list.query();
notAny(listed, "typed");
listed?.next satisfies Date | undefined;
(await trpc.jobs.schedules.remove.mutate({ name: "n" })).removed satisfies boolean;

// What must not compile.
// @ts-expect-error wrong input of a schedule
await telltale.$schedules.set("n", { job: refund, input: { order: 1 }, every: "1h" });
// @ts-expect-error a schedule without a time
await telltale.$schedules.set("n", { job: refund, input: { order: "1" } });
// @ts-expect-error a schedule with two times
await telltale.$schedules.set("n", { job: refund, input: { order: "1" }, every: "1h", cron: "* * * * *" });
// @ts-expect-error refund may not be scheduled from outside
await trpc.jobs.schedules.set.mutate({ name: "n", kind: "refund", input: { order: "" }, everyMs: 1_000 });
// @ts-expect-error refund may not be submitted from outside
await trpc.jobs.submit.mutate({ kind: "refund", input: { order: "" } });
// @ts-expect-error wrong input
await trpc.jobs.submit.mutate({ kind: "judge", input: { order: "" } });
// @ts-expect-error wrong input
await client.judge.submit({ order: "" });
// @ts-expect-error wrong input in process
await telltale.refund.submit({ order: 1 });
// @ts-expect-error wrong input among many
await telltale.refund.submitMany([{ input: { order: "o1" } }, { input: { order: 1 } }]);
// @ts-expect-error the caller is always the owner
await client.refund.submitMany([{ input: { order: "o1" }, options: { owner: "u1" } }]);
// @ts-expect-error wrong input, prepared
await telltale.refund.prepare({ order: 1 });
// @ts-expect-error clients cannot prepare jobs, because only the server has the database of an outbox
client.refund.prepare({ order: "o1" });
// @ts-expect-error an unknown option
await telltale.refund.submit({ order: "1" }, { prority: "high" });
// @ts-expect-error wrong output
handle(judge, async () => ({ verdict: "yes", passed: 0, at: new Date() }));
// @ts-expect-error output without a field
handle(judge, async () => ({ verdict: "accepted", passed: 0 }));
// @ts-expect-error unknown code
handle(refund, async ({ fail }) => Promise.reject(fail("nope", {})));
// @ts-expect-error wrong data
handle(judge, async ({ fail }) => Promise.reject(fail("unknown_problem", { x: 1 })));
handle(refund, async ({ progress }) => {
  // @ts-expect-error the contract declares no progress
  progress({ passed: 1 });
  return { cents: 1 };
});
handle(refund, async ({ log, input }) => {
  log.info("refunding", { order: input.order });
  // @ts-expect-error the message comes first
  log.warn({ order: input.order }, "refunding");
  // @ts-expect-error no such level
  log.fatal("refunding");
  return { cents: 1 };
});
// @ts-expect-error neither operators nor the owner
defineJob("open", { input: z.null(), output: z.null(), logs: "everyone" });
// @ts-expect-error user may be null on the unprotected procedure
createJobsRouter(telltale, { procedure: t.procedure, subject: (ctx) => ({ id: ctx.user.id }), submit: ["judge"] });
// A contract with versions: upgrades declare the types of stored inputs, and submits take the newest schema.
const resized = defineJob("resized", {
  input: z.object({ width: z.int(), unit: z.enum(["px", "em"]).default("px") }),
  output: z.object({}),
  version: 3,
  upgrade: { 1: (old: number) => ({ width: old }), 2: async (old: { width: number }) => ({ ...old, unit: "px" }) },
});
notAny(resized.upgrade, "typed");
const versioned = createTelltale({ jobs: defineJobs(resized), redis: process.env.REDIS_URL });
await versioned.resized.submit({ width: 1 });
// @ts-expect-error the input of an older version
await versioned.resized.submit(1);
handle(resized, async ({ input }) => {
  input.unit satisfies "px" | "em";
  return {};
});
const plain = { input: z.object({}), output: z.object({}) };
// @ts-expect-error an upgrade must declare the type of its parameter
defineJob("guessed", { ...plain, version: 2, upgrade: { 1: (old) => ({ width: old.width }) } });
// @ts-expect-error an upgrade starts from a number
defineJob("named", { ...plain, version: 2, upgrade: { one: (old: number) => old } });
// @ts-expect-error an upgrade is a function
defineJob("fixed", { ...plain, version: 2, upgrade: { 1: { width: 1 } } });

// @ts-expect-error no such kind
createJobsRouter(telltale, { procedure: t.procedure, subject: () => null, submit: ["nope"] });
