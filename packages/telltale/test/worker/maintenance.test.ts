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

test("finished jobs beyond their retention are deleted one after the other, however many there are", {
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

  await waitFor(async () => (await completed()) === 0, { timeoutMs: 20_000 });
  await waitFor(() => rounds.at(-1)?.pruned === 0, { timeoutMs: 20_000 });
  expectNoPause(rounds);
});
