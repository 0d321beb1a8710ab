import { testRedis, waitFor } from "@telltale/testkit";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { WorkerState } from "../../src/queue/workers/worker-state.js";
import type { HeldLease } from "../../src/worker/leases/lease-protocol.js";
import { StandIn } from "../../src/worker/leases/stand-in.js";
import { harness } from "./harness.js";

const EVERY_MS = 20;

let redis: Awaited<ReturnType<typeof testRedis>>;
beforeAll(async () => {
  redis = await testRedis();
});
afterAll(() => redis.stop());

const state: WorkerState = {
  ...{ version: "0.1.0", host: "web", pid: 7, queues: ["mail"], queueCount: 1, concurrency: 10 },
  ...{ draining: true, running: [{ id: `ended_${"0".repeat(32)}`, attempt: 1, since: 1 }], runningCount: 1 },
};

function lease(n: number, since: number): HeldLease {
  const id = `mail_${String(n).padStart(32, "0")}`;
  return { queue: "mail", id, fence: 1, timeoutMs: 1, retryInMs: 1, attempt: n, since, heldAt: 1 };
}

/** A stand-in for the worker `web a`, on a real registry, and the number of its beats. */
function world(held: readonly HeldLease[] = []) {
  const { telltale } = harness(redis.url);
  const turns = new Int32Array(new SharedArrayBuffer(4));
  let beats = 0;
  const standIn = new StandIn({
    ...{ turns, held: { values: () => held }, everyMs: EVERY_MS },
    beat: async (told) => {
      await telltale.$engine.workers.beat(told);
      beats++;
    },
  });
  onTestFinished(() => standIn.stop());
  return { telltale, turns, standIn, beats: () => beats };
}

test("while the main thread is blocked, its worker is told with the jobs that it holds, the longest-running first", async () => {
  const { telltale, standIn } = world([lease(2, 20), lease(1, 10)]);
  standIn.told({ entry: "web a", startedAt: 5, state });

  standIn.start();
  standIn.start();

  const [worker] = await waitFor(async () => {
    const { workers } = await telltale.$workers.list();
    return workers.length > 0 ? workers : null;
  });
  expect(worker).toMatchObject({
    ...{ name: "web", id: "a", startedAt: 5, draining: true, runningCount: 2, concurrency: 10 },
    running: [
      { kind: "mail", attempt: 1, since: 10 },
      { kind: "mail", attempt: 2, since: 20 },
    ],
  });
});

test("at most a hundred of its jobs are told, with the number of all", async () => {
  const { telltale, standIn } = world(Array.from({ length: 150 }, (_, n) => lease(n, n)));
  standIn.told({ entry: "web a", startedAt: 5, state });
  standIn.start();

  await waitFor(async () => (await telltale.$workers.list()).total === 1);

  const [worker] = (await telltale.$workers.list()).workers;
  expect(worker?.running).toHaveLength(100);
  expect(worker?.runningCount).toBe(150);
});

test("a worker whose main thread turns beats for itself, and one that was never told is not invented", async () => {
  const turning = world();
  const untold = world();
  const blocked = world();
  turning.standIn.told({ entry: "web a", startedAt: 5, state });
  blocked.standIn.told({ entry: "web a", startedAt: 5, state });
  // More often than the stand-in looks.
  const heart = setInterval(() => Atomics.add(turning.turns, 0, 1), 1);
  onTestFinished(() => clearInterval(heart));
  for (const { standIn } of [turning, untold, blocked]) standIn.start();

  await waitFor(() => blocked.beats() >= 5);
  blocked.standIn.stop();

  expect(untold.beats()).toBe(0);
  // An event loop of this process that is busy for one look counts as blocked.
  expect(turning.beats()).toBeLessThan(3);
});

test("a beat that fails is tried again", async () => {
  const { turns } = world();
  let tries = 0;
  const standIn = new StandIn({
    ...{ turns, held: { values: () => [] }, everyMs: EVERY_MS },
    beat: async () => {
      tries++;
      throw new Error("no connection");
    },
  });
  onTestFinished(() => standIn.stop());
  standIn.told({ entry: "web a", startedAt: 5, state });

  standIn.start();

  await waitFor(() => tries >= 3);
});
