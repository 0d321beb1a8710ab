import type { jobs, judge } from "@telltale/contracts";
import { createTcpProxy } from "@telltale/testkit";
import type { JobEvent } from "telltale";
import { createClient } from "telltale/client";
import { expect, test } from "vitest";
import { startProcesses, submission } from "./processes.js";

/** Collects the events of a watcher. `progressed` resolves at the first progress. */
function follow(events: AsyncIterable<JobEvent<typeof judge>>): {
  readonly seen: Promise<JobEvent<typeof judge>[]>;
  readonly progressed: Promise<void>;
} {
  const all: JobEvent<typeof judge>[] = [];
  let report = (): void => {};
  const progressed = new Promise<void>((resolve) => {
    report = resolve;
  });
  const seen = (async () => {
    for await (const event of events) {
      all.push(event);
      if (event.status === "running" && event.progress) report();
    }
    return all;
  })();
  return { seen, progressed };
}

test("if a worker is killed and a watcher loses its connection, all watchers see every change once and in order", async () => {
  await using stack = await startProcesses({ workers: 2 });
  await using relay = await createTcpProxy({ target: { port: stack.port } });
  await using direct = createClient<typeof jobs>({ url: stack.url });
  await using relayed = createClient<typeof jobs>({ url: `http://127.0.0.1:${relay.port}` });
  const job = await direct.judge.submit(submission("takes-its-time"));
  const held = relayed.judge.job(job.id, job.token === undefined ? {} : { token: job.token });
  const watchers = [follow(job.watch()), follow(held.watch())];
  await Promise.all(watchers.map(({ progressed }) => progressed));

  const victim = await Promise.any(
    stack.workers.map((worker) => worker.line(new RegExp(`"id":"${job.id}".*attempt started`)).then(() => worker)),
  );
  victim.kill("SIGKILL");
  relay.cutAll();

  for (const events of await Promise.all(watchers.map(({ seen }) => seen))) {
    const transitions = events.filter(({ rev }) => rev === 0);
    expect(transitions.map(({ seq, status }) => [seq, status])).toEqual([
      [1, "queued"],
      [2, "running"],
      [3, "retrying"],
      [4, "queued"],
      [5, "running"],
      [6, "completed"],
    ]);
    expect(transitions[2]).toMatchObject({ error: { code: "worker_lost" } });
    expect(events.at(-1)).toMatchObject({ attempt: 2, output: { verdict: "accepted" } });
    const positions = events.map(({ seq, rev }) => seq * 1_000_000 + rev);
    expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
  }
});

test("a worker that is shut down gives its job back, and another worker runs it without using up an attempt", async () => {
  await using stack = await startProcesses({ workers: 2 });
  await using client = createClient<typeof jobs>({ url: stack.url });
  const job = await client.judge.submit(submission("takes-its-time"));
  const watcher = follow(job.watch());
  await watcher.progressed;

  const leaving = await Promise.any(
    stack.workers.map((worker) => worker.line(new RegExp(`"id":"${job.id}".*attempt started`)).then(() => worker)),
  );
  leaving.kill("SIGTERM");

  expect(await leaving.exited).toEqual({ code: 0, signal: null });
  const events = await watcher.seen;
  expect(events.filter(({ rev }) => rev === 0).map(({ status }) => status)).toEqual([
    "queued",
    "running",
    "queued",
    "running",
    "completed",
  ]);
  expect(events.at(-1)).toMatchObject({ attempt: 1, output: { verdict: "accepted" } });
});

test("a running job can be cancelled by another client", async () => {
  await using stack = await startProcesses({ workers: 1 });
  await using client = createClient<typeof jobs>({ url: stack.url });
  const job = await client.judge.submit({
    problem: "sum",
    language: "javascript",
    source: "function solve() { console.log('begun'); for (;;); }",
  });
  for await (const event of job.watch()) if (event.status === "running") break;

  await using other = createClient<typeof jobs>({ url: stack.url });
  const outcome = await other.judge.job(job.id, job.token === undefined ? {} : { token: job.token }).cancel();

  expect(outcome).toBe("requested");
  expect(await job.result()).toEqual({ ok: false, status: "cancelled" });
});
