import { expect } from "vitest";
import { encode } from "../../src/core/codec/codec.js";
import { toDetail } from "../../src/queue/internal.js";
import { type Harness, LEASE_MS, OUTPUT, test } from "./harness.js";

const WORKER = { name: "mailer", host: "web-1", pid: 4_711 };
const ERROR = encode({ code: "handler_error", message: "The handler failed.", detail: "no mail server" });

/** Starts the only job after it has waited for a while. */
async function start(
  { scripts, clock }: Harness,
  { after, worker = WORKER }: { after: number; worker?: typeof WORKER },
) {
  clock.advance(after);
  const asked = { loop: "l", request: String(clock.now()), room: 1, leaseMs: LEASE_MS };
  const { jobs } = await scripts.claim({ ...asked, worker });
  const [lease] = jobs;
  if (!lease) throw new Error("nothing to claim");
  return lease;
}

test("a job tells how long each attempt waited and ran, how it ended, and who ran it", async ({ h }) => {
  const { clock, scripts } = h;
  const job = await h.telltale.resize.submit({ width: 1 });
  const submittedAt = clock.now();
  const first = await start(h, { after: 40 });
  clock.advance(300);
  await scripts.fail({ ...first, error: ERROR, retryInMs: 1_000, pending: null });
  clock.advance(1_000);
  await scripts.promote();
  const second = await start(h, { after: 5, worker: { name: "web-2-9", host: "web-2", pid: 9 } });
  clock.advance(70);
  await scripts.complete({ ...second, output: OUTPUT, pending: null });

  const { story, createdAt, startedAt, finishedAt, waitedMs, ranMs, input } = await job.get();

  expect(story).toEqual([
    {
      ...{ round: 1, attempt: 1, outcome: "failed", waitedMs: 40, ranMs: 300, worker: WORKER },
      ...{ startedAt: submittedAt + 40, endedAt: submittedAt + 340 },
      error: { code: "handler_error", message: "no mail server" },
    },
    {
      ...{ round: 1, attempt: 2, outcome: "completed", waitedMs: 5, ranMs: 70 },
      ...{ startedAt: submittedAt + 1_345, endedAt: submittedAt + 1_415 },
      worker: { name: "web-2-9", host: "web-2", pid: 9 },
    },
  ]);
  expect({ createdAt, startedAt, finishedAt, waitedMs, ranMs }).toEqual({
    ...{ createdAt: submittedAt, startedAt: submittedAt + 1_345, finishedAt: submittedAt + 1_415 },
    ...{ waitedMs: 5, ranMs: 70 },
  });
  expect(input).toEqual({ width: 1 });
});

test("a job that runs has been running since its start, and one that waits has no attempt", async ({ h }) => {
  const job = await h.telltale.resize.submit({ width: 1 });

  expect(await job.get()).toMatchObject({ status: "queued", story: [] });

  await start(h, { after: 8 });
  const detail = await job.get();

  expect(detail.story).toMatchObject([{ attempt: 1, outcome: "running", waitedMs: 8, worker: WORKER }]);
  expect(detail.story[0]).not.toHaveProperty("ranMs");
  expect(detail).toMatchObject({ startedAt: h.clock.now(), waitedMs: 8 });
  for (const absent of ["finishedAt", "ranMs"]) expect(detail).not.toHaveProperty(absent);
});

test("a lost worker, a released job, a cancelled attempt and a rerun are told as such", async ({ h }) => {
  const { clock, scripts } = h;
  const job = await h.telltale.resize.submit({ width: 1 });
  await start(h, { after: 0 });
  clock.advance(LEASE_MS + 1);
  await scripts.reclaim(LEASE_MS);
  clock.advance(60_000);
  await scripts.promote();
  await scripts.release([await start(h, { after: 1 })]);
  const third = await start(h, { after: 1 });
  await scripts.cancel(job.id);
  await scripts.fail({ ...third, error: ERROR, retryInMs: 1, pending: null });
  await h.telltale.$engine.rerun(job.id);
  await scripts.complete({ ...(await start(h, { after: 1 })), output: OUTPUT, pending: null });

  const { story } = await job.get();

  expect(story.map(({ round, attempt, outcome, error }) => [round, attempt, outcome, error?.code])).toEqual([
    [1, 1, "failed", "worker_lost"],
    [1, 2, "released", undefined],
    [1, 2, "cancelled", undefined],
    [2, 1, "completed", undefined],
  ]);
});

test("the last ten attempts are told, however many there were", async ({ h }) => {
  const { clock, scripts } = h;
  const job = await h.telltale.resize.submit({ width: 1 });
  for (let i = 0; i < 40; i++) await scripts.release([await start(h, { after: 1 })]);
  await start(h, { after: 9 });

  const { story } = await job.get();

  expect(story).toHaveLength(10);
  expect(story.at(-1)).toMatchObject({ outcome: "running", startedAt: clock.now(), waitedMs: 9 });
});

test("who is not an operator learns neither the worker nor why the handler failed", async ({ h }) => {
  const job = await h.telltale.resize.submit({ width: 1 });
  await h.scripts.fail({ ...(await start(h, { after: 0 })), error: ERROR, retryInMs: null, pending: null });
  const record = await h.scripts.detail(job.id);
  if (!record) throw new Error("no detail");

  const { story, input } = Object(toDetail(job.id, record, { isOperator: false, hidden: [], showsInput: false }));

  expect(story).toEqual([
    expect.objectContaining({ error: { code: "handler_error", message: "The handler failed." } }),
  ]);
  expect(story[0]).not.toHaveProperty("worker");
  expect(input).toBeUndefined();
});

test("a feed that somebody has damaged costs the story, not the job", async ({ h }) => {
  const job = await h.telltale.resize.submit({ width: 1 });
  const lease = await start(h, { after: 0 });
  const feed = `${h.prefix}:{resize}:feed:${job.id}`;
  await h.redis.lset(feed, 0, `t\n2\n${h.clock.now()}\nrunning\n1\n1\nnobody knows me here`);

  expect((await job.get()).story).toMatchObject([{ outcome: "running" }]);

  await h.redis.set(feed, "not a list");
  expect(await job.get()).toMatchObject({ status: "running", story: [] });
  await h.scripts.complete({ ...lease, output: OUTPUT, pending: null });
});
