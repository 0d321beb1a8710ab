import { randomUUID } from "node:crypto";
import { createTelltale } from "telltale/server";
import { expect, onTestFinished } from "vitest";
import { toRecord } from "../../src/queue/workers/worker-state.js";
import type { Sink } from "../../src/trpc/sink.js";
import { memoryLogger } from "../gateway/memory-logger.js";
import { all, ann, bob, callerFor, jobs, refusal, root, test } from "../trpc/harness.js";
import { recorder } from "./recorder.js";

function setup(redis: string) {
  const told = recorder();
  const prefix = `t${randomUUID().slice(0, 8)}`;
  const telltale = createTelltale({ jobs, redis, prefix, logger: false, observer: told.observer });
  onTestFinished(() => telltale[Symbol.asyncDispose]());
  return { told, telltale, as: callerFor(telltale) };
}

const input = { kind: "echo", input: { text: "canary" } } as const;
const sink: Sink = {
  transport: "ws",
  address: "127.0.0.1",
  identify: () => {},
  writable: () => true,
  drained: async () => {},
  admit: () => () => {},
};

test("refused calls are observed with their procedure, caller and code", async ({ server }) => {
  const { told, as } = setup(server.url);
  const { id, token } = await as(ann).submit(input);

  const calls = [
    () => as(null).submit(input),
    // @ts-expect-error untyped clients can send this
    () => as(ann).submit({ kind: "sweep", input: {} }),
    () => as(ann).submit({ kind: "echo", input: { text: "" } }),
    () => as(bob).get({ id }),
    () => as(bob).queues.pause({ queue: "echo" }),
    () => all(as(bob, undefined, sink).onStatus({ id })),
  ];
  for (const call of calls) await expect(call()).rejects.toThrow();
  await as(bob).get({ id, token });

  const refused = { type: "call.refused", by: "router", transport: null, status: null };
  expect(told.of("call.refused")).toEqual([
    { ...refused, path: "jobs.submit", subject: null, code: "unauthorized" },
    { ...refused, path: "jobs.submit", subject: "ann", code: "unknown_kind" },
    { ...refused, path: "jobs.submit", subject: "ann", code: "invalid_input" },
    { ...refused, path: "jobs.get", subject: "bob", code: "not_found" },
    { ...refused, path: "jobs.queues.pause", subject: "bob", code: "forbidden" },
    { ...refused, path: "jobs.onStatus", subject: "bob", code: "not_found", transport: "ws" },
  ]);
  expect(JSON.stringify(told.events)).not.toContain("canary");
});

test("a call that fails because of the server is not observed as refused", async () => {
  const { told, as } = setup("redis://127.0.0.1:1");

  await expect(as(root).queues.list()).rejects.toThrow();

  expect(told.of("call.refused")).toEqual([]);
});

test("streams with an observer continue to their end", async ({ server }) => {
  const { as } = setup(server.url);
  const { id } = await as(ann).submit(input);
  await as(ann).cancel({ id });

  expect((await all(as(ann).onStatus({ id }))).map(([, { status }]) => status)).toEqual(["queued", "cancelled"]);
});

test("an operator's actions are observed with the operator's name", async ({ server }) => {
  const { told, as, telltale } = setup(server.url);
  const { id } = await as(ann).submit(input);
  const own = await as(ann).submit(input);

  await as(ann).cancel({ id: own.id });
  await as(root).cancel({ id });
  await as(root).rerun({ id });
  await as(root).rerun({ ids: [own.id, `echo_${"0".repeat(32)}`] });
  await as(root).queues.pause({ queue: "echo" });
  await as(root).queues.resume({ queue: "echo" });
  await as(root).schedules.set({ name: "nightly", everyMs: 60_000, ...input });
  await as(root).schedules.remove({ name: "nightly" });
  await as(root).schedules.remove({ name: "nightly" });
  const state = { version: "0.1.0", host: "h", pid: 1, queues: ["echo"], queueCount: 1, concurrency: 1 };
  const record = toRecord({ ...state, draining: false, running: [], runningCount: 0 });
  await telltale.$engine.workers.beat({ entry: "web a", record, startedAt: null });
  await as(root).workers.drain({ name: "web" });
  await refusal(as(root).workers.drain({ name: "nobody" }));

  const acted = {
    type: "operator.acted",
    actor: "root",
    queue: null,
    id: null,
    schedule: null,
    workerName: null,
    jobs: null,
  };
  expect(told.of("operator.acted")).toEqual([
    { ...acted, action: "job.cancel", id },
    { ...acted, action: "job.rerun", id },
    { ...acted, action: "job.rerun", id: own.id },
    { ...acted, action: "queue.pause", queue: "echo" },
    { ...acted, action: "queue.resume", queue: "echo" },
    { ...acted, action: "schedule.set", schedule: "nightly" },
    { ...acted, action: "schedule.remove", schedule: "nightly" },
    { ...acted, action: "worker.drain", workerName: "web" },
  ]);
});

test("an operator's actions are logged with the operator's name, even without an observer", async ({ server }) => {
  const { logger, lines } = memoryLogger();
  const prefix = `t${randomUUID().slice(0, 8)}`;
  await using telltale = createTelltale({ jobs, redis: server.url, prefix, logger });
  const as = callerFor(telltale);
  const { id } = await as(ann).submit(input);

  await as(root).cancel({ id });
  await as(root).queues.pause({ queue: "echo" });
  await refusal(as(bob).queues.resume({ queue: "echo" }));

  const acted = { level: "info", message: "an operator acted" };
  expect(lines.filter(({ message }) => message === "an operator acted")).toEqual([
    { ...acted, data: { actor: "root", action: "job.cancel", id } },
    { ...acted, data: { actor: "root", action: "queue.pause", queue: "echo" } },
  ]);
});
