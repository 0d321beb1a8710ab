import { randomUUID } from "node:crypto";
import { createClock, testRedis, waitFor } from "@telltale/testkit";
import { defineJob, defineJobs, handle, type ObserverEvent } from "telltale";
import { createTelltale } from "telltale/server";
import { createWorker } from "telltale/worker";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";

const JOBS = 3_000;
const note = defineJob("note", {
  input: z.object({}),
  output: z.object({}),
  timeout: "1m",
  retention: { completed: { age: "1m" } },
});
const jobs = defineJobs(note);

let redis: Awaited<ReturnType<typeof testRedis>>;
beforeAll(async () => {
  redis = await testRedis();
});
afterAll(() => redis.stop());

type Ran = Extract<ObserverEvent, { readonly type: "maintenance.ran" }>;

/** Checks that each round deleted something until all was deleted, without rounds in between that did nothing. */
function expectNoPause(rounds: readonly Ran[]): void {
  const busy = rounds.map(({ pruned }) => pruned > 0);
  const first = busy.indexOf(true);
  expect(busy.slice(first, busy.lastIndexOf(true) + 1)).not.toContain(false);
  expect(busy).toContain(true);
}

test("finished jobs are deleted when their retention is over, however many there are", {
  timeout: 60_000,
}, async () => {
  const clock = createClock();
  const rounds: Ran[] = [];
  const prefix = `t${randomUUID().slice(0, 8)}`;
  const observer = (event: ObserverEvent): void => void (event.type === "maintenance.ran" && rounds.push(event));
  await using telltale = createTelltale({ jobs, redis: redis.url, prefix, clock: clock.now, logger: false, observer });
  const handlers = [handle(note, async () => ({}))];
  await telltale.note.submitMany(Array.from({ length: JOBS }, () => ({ input: {} })));
  const first = createWorker({ telltale, handlers, concurrency: 100 });
  const completed = async (): Promise<number> => (await telltale.$queues.list())[0]?.jobs.completed ?? 0;
  await waitFor(async () => (await completed()) === JOBS, { timeoutMs: 30_000 });
  await first.stop();
  rounds.length = 0;

  clock.advance(61_000);
  await using _second = createWorker({ telltale, handlers });

  await waitFor(() => rounds.reduce((sum, { pruned }) => sum + pruned, 0) === JOBS, { timeoutMs: 20_000 });
  expect(await completed()).toBe(0);
  expectNoPause(rounds);
});

test("a worker with short leases does not take the jobs of a worker with longer leases", async () => {
  const clock = createClock();
  let rounds = 0;
  let reclaimed = 0;
  const observer = (event: ObserverEvent): void => {
    if (event.type !== "maintenance.ran") return;
    rounds += 1;
    reclaimed += event.reclaimed;
  };
  const prefix = `t${randomUUID().slice(0, 8)}`;
  await using telltale = createTelltale({ jobs, redis: redis.url, prefix, clock: clock.now, logger: false, observer });
  const job = await telltale.note.submit({});
  const claimed = await telltale.$engine.scripts("note").claim({ loop: "l", request: "r", room: 1, leaseMs: 30_000 });
  await using _short = createWorker({
    ...{ telltale, handlers: [handle(note, async () => ({}))], leaseMs: 300, pollMs: 10 },
  });
  const twoRounds = async (): Promise<void> => {
    const before = rounds;
    await waitFor(() => rounds >= before + 2);
  };

  await twoRounds();
  clock.advance(30_000);
  await twoRounds();
  expect(claimed.jobs).toHaveLength(1);
  expect(reclaimed).toBe(0);
  expect(await job.get()).toMatchObject({ status: "running", attempt: 1 });
  clock.advance(1);

  await waitFor(() => reclaimed === 1);
});
