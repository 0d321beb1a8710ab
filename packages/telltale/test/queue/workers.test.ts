import { waitFor } from "@telltale/testkit";
import type { WorkerList } from "telltale";
import { expect } from "vitest";
import { watchWorkers } from "../../src/queue/workers/watch-workers.js";
import { entryOf, toRecord, type WorkerState } from "../../src/queue/workers/worker-state.js";
import { type Harness, harness, test } from "./harness.js";

const BEAT_MS = 5_000;

const state: WorkerState = {
  ...{ version: "0.1.0", host: "web", pid: 7, queues: ["archive", "resize"], queueCount: 2, concurrency: 10 },
  ...{ draining: false, running: [], runningCount: 0 },
};

/** Beats once for a worker. */
function beat(
  { telltale }: Harness,
  id: string,
  { name = "web", ...changes }: Partial<WorkerState & { name: string }> = {},
) {
  const record = toRecord({ ...state, ...changes });
  return telltale.$engine.workers.beat({ entry: entryOf({ name, id }), record, startedAt: null });
}

function idsOf({ workers }: WorkerList): string[] {
  return workers.map(({ id }) => id);
}

test("a worker is listed with everything that it tells, and with Redis's times", async ({ h }) => {
  const id = `resize_${"0".repeat(32)}`;
  const startedAt = h.clock.now();
  await beat(h, "a", { running: [{ id, attempt: 2, since: 5 }], runningCount: 1 });

  expect(await h.telltale.$workers.list()).toEqual({
    at: startedAt,
    total: 1,
    workers: [
      {
        ...{
          name: "web",
          id: "a",
          version: "0.1.0",
          host: "web",
          pid: 7,
          queues: ["archive", "resize"],
          queueCount: 2,
        },
        ...{ concurrency: 10, startedAt, lastSeenAt: startedAt, draining: false, runningCount: 1 },
        running: [{ id, kind: "resize", attempt: 2, since: 5 }],
      },
    ],
  });
});

test("a worker is gone after three missed beats, and is back with its next one", async ({ h }) => {
  await beat(h, "a");
  h.clock.advance(3 * BEAT_MS - 1);
  expect(idsOf(await h.telltale.$workers.list())).toEqual(["a"]);

  h.clock.advance(1);
  expect(await h.telltale.$workers.list()).toMatchObject({ total: 0, workers: [] });
  await beat(h, "a");
  expect(idsOf(await h.telltale.$workers.list())).toEqual(["a"]);
});

test("workers that are gone are removed from Redis by the beats of others, and leave nothing behind", async ({ h }) => {
  for (let n = 0; n < 25; n++) await beat(h, `dead${n}`);
  h.clock.advance(3 * BEAT_MS);

  for (let n = 0; n < 3; n++) await beat(h, "a");

  const key = (name: string): string => `${h.prefix}:{workers}:${name}`;
  expect(await h.redis.zrange(key("seen"), "0", "-1")).toEqual(["web a"]);
  expect(await h.redis.zrange(key("roster"), "0", "-1")).toEqual(["web a"]);
  expect(await h.redis.hkeys(key("records"))).toEqual(["web a"]);
  await h.telltale.$engine.workers.leave("web a");
  expect(await h.redis.keys(key("*"))).toEqual([]);
});

test("a step of the clock, in either direction, hides live workers until their next beat, and dead ones for good", async ({
  h,
}) => {
  for (const step of [3_600_000, -3_600_000]) {
    await beat(h, "a");
    await beat(h, "dead");

    h.clock.advance(step);
    await beat(h, "a");

    expect(idsOf(await h.telltale.$workers.list())).toEqual(["a"]);
    expect((await h.telltale.$workers.list()).workers[0]?.lastSeenAt).toBe(h.clock.now());
  }
});

test("workers keep the time at which they started over their beats", async ({ h }) => {
  const { now } = await beat(h, "a");
  h.clock.advance(BEAT_MS);
  await h.telltale.$engine.workers.beat({ entry: "web a", record: toRecord(state), startedAt: now });

  expect((await h.telltale.$workers.list()).workers).toMatchObject([{ startedAt: now, lastSeenAt: now + BEAT_MS }]);
});

test("draining asks every worker of the name, and no other, as often as it is asked", async ({ h }) => {
  await beat(h, "a");
  await beat(h, "b");
  await beat(h, "c", { name: "web-2" });
  await beat(h, "d", { name: "we" });
  const told: string[] = [];
  const listenings = ["a", "b", "c", "d"].map((id) => h.telltale.$engine.workers.onDrain(id, () => void told.push(id)));
  await Promise.all(listenings.map(({ acknowledged }) => acknowledged));

  expect(await h.telltale.$workers.drain("web")).toEqual({ name: "web", asked: 2 });
  await waitFor(() => told.length === 2);
  expect(await h.telltale.$workers.drain("web")).toEqual({ name: "web", asked: 2 });
  await waitFor(() => told.length === 4);

  expect(new Set(told)).toEqual(new Set(["a", "b"]));
  expect((await h.telltale.$workers.list()).workers.map(({ id, draining }) => [id, draining])).toEqual([
    ["d", false],
    ["a", true],
    ["b", true],
    ["c", false],
  ]);
  for (const listening of listenings) listening.close();
});

test("a worker that missed the message learns from its next beat that it was drained, even if it was cut off meanwhile", async ({
  h,
}) => {
  await beat(h, "a");
  await h.telltale.$workers.drain("web");
  expect(await beat(h, "a")).toMatchObject({ isDrained: true });

  h.clock.advance(10 * BEAT_MS);
  expect(await beat(h, "b")).toMatchObject({ isDrained: false });

  expect(await beat(h, "a")).toMatchObject({ isDrained: true });
});

test("a worker that restarts under the name of a drained one is not drained, and what was asked is forgotten", async ({
  h,
}) => {
  await beat(h, "a");
  await beat(h, "crashed");
  await h.telltale.$workers.drain("web");
  await h.telltale.$engine.workers.leave("web a");

  expect(await beat(h, "b")).toMatchObject({ isDrained: false });
  h.clock.advance(24 * 3_600_000);
  await beat(h, "b");

  expect(await h.redis.exists(`${h.prefix}:{workers}:drained`)).toBe(0);
});

test("draining a name that no worker has is refused as not_found, and one that cannot be a name as invalid_input", async ({
  h,
}) => {
  await beat(h, "gone");
  h.clock.advance(3 * BEAT_MS);

  for (const name of ["web", "nothing"])
    await expect(h.telltale.$workers.drain(name)).rejects.toMatchObject({ code: "not_found" });
  for (const name of ["", "a b", "web\n", "x".repeat(65), "x".repeat(10_240), "ü", "*"]) {
    const error: unknown = await h.telltale.$workers.drain(name).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "invalid_input" });
    expect(String(error).length).toBeLessThan(250);
  }
});

test("a thousand workers are listed in ten calls, with ten running jobs each, and the total says how many there are", async ({
  server,
}) => {
  let calls = 0;
  await using h = await harness(server.url, {
    observer: (event) => {
      if (event.type === "script.called" && event.script === "list-workers") calls++;
    },
  });
  const running = Array.from({ length: 100 }, (_, n) => ({
    ...{ id: `resize_${String(n).padStart(32, "0")}`, attempt: 1, since: n },
  }));
  const many = Array.from({ length: 1_050 }, (_, n) => String(n).padStart(4, "0"));
  await Promise.all(many.map((n) => beat(h, `id${n}`, { name: `worker-${n}`, running, runningCount: 300 })));

  const list = await h.telltale.$workers.list();

  expect(calls).toBeLessThanOrEqual(11);
  expect(list.total).toBe(1_050);
  expect(list.workers.map(({ name }) => name)).toEqual(many.slice(0, 1_000).map((n) => `worker-${n}`));
  expect(list.workers.every((worker) => worker.running.length === 10 && worker.runningCount === 300)).toBe(true);
  expect(list.workers[0]?.running[0]).toMatchObject({ since: 0 });
});

test("a thousand workers of one name are drained in a few calls", async ({ h }) => {
  await Promise.all(Array.from({ length: 1_001 }, (_, n) => beat(h, `id${n}`)));

  expect(await h.telltale.$workers.drain("web")).toEqual({ name: "web", asked: 1_001 });

  expect((await h.telltale.$workers.list()).workers.every(({ draining }) => draining)).toBe(true);
});

test("an entry that Telltale did not write hides no other", async ({ h }) => {
  await beat(h, "a");
  await beat(h, "z");
  const key = (name: string): string => `${h.prefix}:{workers}:${name}`;
  for (const [entry, record] of [
    ["web k", "nonsense"],
    ["web l", `${h.clock.now()}\n{"pid":"x"}`],
    ["noid", `${h.clock.now()}\n${toRecord(state)}`],
    ["web m", `x\n${toRecord(state)}`],
  ] as const) {
    await h.redis.zadd(key("seen"), h.clock.now(), entry);
    await h.redis.zadd(key("roster"), 0, entry);
    await h.redis.hset(key("records"), entry, record);
  }

  expect(idsOf(await h.telltale.$workers.list())).toEqual(["a", "z"]);
});

test("a queue may be called workers, beside the registry", async ({ h }) => {
  await beat(h, "a");
  await h.redis.hset(`${h.prefix}:{workers}:meta`, "layout", 2);

  expect(idsOf(await h.telltale.$workers.list())).toEqual(["a"]);
});

test("a watcher of workers gets them at once, then each change, and can resume after the last one", async ({
  server,
}) => {
  await using h = await harness(server.url, { statsEveryMs: 10 });
  await beat(h, "a");
  const { signal, abort } = abortable();
  const watch = watchWorkers(h.telltale.$engine.workersWatch, { signal });
  const { position, list } = (await watch.next()).value ?? {};
  const resumed = watchWorkers(h.telltale.$engine.workersWatch, { signal, after: position });

  const [next, missed] = [watch.next(), resumed.next()];
  await beat(h, "b");

  expect(list).toMatchObject({ workers: [{ id: "a" }] });
  for (const one of await Promise.all([next, missed])) expect(one.value?.list).toMatchObject({ total: 2 });
  const last = [watch.next(), resumed.next()];
  abort();
  for (const one of last) expect((await one).done).toBe(true);
  expect(h.telltale.$engine.workersWatch.watchers).toBe(0);
});

test("a beat without a change is no change for watchers", async ({ h }) => {
  const position = async (): Promise<string | undefined> => {
    const watch = watchWorkers(h.telltale.$engine.workersWatch);
    const { value } = await watch.next();
    await watch.return(undefined);
    return value?.position.split(".")[1];
  };
  const { now: startedAt } = await beat(h, "a");
  const before = await position();

  h.clock.advance(BEAT_MS);
  await h.telltale.$engine.workers.beat({ entry: "web a", record: toRecord(state), startedAt });
  const unchanged = await position();
  await h.telltale.$workers.drain("web");

  expect(unchanged).toBe(before);
  expect(await position()).not.toBe(before);
});

function abortable(): { readonly signal: AbortSignal; abort(): void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
