import { waitFor } from "@telltale/testkit";
import { expect } from "vitest";
import { registryKeys } from "../../../src/queue/redis/keys.js";
import { runScript } from "../../../src/queue/scripts/run-script.js";
import type { BeatReply } from "../../../src/queue/scripts/workers/beat.js";
import { listWorkers } from "../../../src/queue/scripts/workers/list-workers.js";
import { WorkerRegistry } from "../../../src/queue/workers/worker-registry.js";
import { toRecord } from "../../../src/queue/workers/worker-state.js";
import type { Subject } from "./subject.js";

const GONE_MS = 15_000;
const DAY_MS = 86_400_000;
const RECORD = toRecord({
  ...{ version: "0.1.0", host: "h", pid: 1, queues: ["resize"], queueCount: 1, concurrency: 1 },
  ...{ draining: false, running: [], runningCount: 0 },
});

/** The registry of workers. */
export const workerChecks = {
  "a worker is listed until it has missed three beats": async (on: Subject) => {
    const startedAt = on.clock.now();
    await beat(on, "web a");
    on.clock.advance(GONE_MS - 1);
    expect(await listed(on)).toEqual({ total: 1, entries: ["web a"] });
    on.clock.advance(1);
    expect(await listed(on)).toEqual({ total: 0, entries: [] });

    const { now } = await beat(on, "web a", startedAt);

    const [worker] = (await registry(on).list()).workers;
    expect(worker).toMatchObject({ startedAt, lastSeenAt: now });
    expect(now).toBe(on.clock.now());
  },

  "a worker that died before the clock was set back is gone": async (on: Subject) => {
    await beat(on, "web dead");
    on.clock.advance(-60_000);
    expect(await listed(on)).toEqual({ total: 0, entries: [] });

    await beat(on, "web a");

    expect(await listed(on)).toEqual({ total: 1, entries: ["web a"] });
    expect(await entriesIn(on, "seen")).toEqual(["web a"]);
  },

  "each beat removes ten workers that are gone from every key": async (on: Subject) => {
    for (let n = 10; n < 25; n++) await beat(on, `web ${n}`);
    on.clock.advance(GONE_MS);
    await beat(on, "web a");
    expect(await entriesIn(on, "seen")).toHaveLength(6);

    await beat(on, "web a");

    expect(await entriesIn(on, "seen")).toEqual(["web a"]);
    expect(await entriesIn(on, "roster")).toEqual(["web a"]);
    expect(await on.redis.hkeys(key(on, "records"))).toEqual(["web a"]);
  },

  "draining reaches the workers of the name by a message and with their beats, and no others": async (on: Subject) => {
    for (const entry of ["web a", "web b", "web-2 c", "we d", "zoo e"]) await beat(on, entry);
    const told: string[] = [];
    const listenings = ["a", "b", "c", "d", "e"].map((id) => registry(on).onDrain(id, () => void told.push(id)));
    await Promise.all(listenings.map(({ acknowledged }) => acknowledged));

    expect(await registry(on).drain("web")).toEqual({ name: "web", asked: 2 });
    await waitFor(() => told.length >= 2);

    expect(told.toSorted()).toEqual(["a", "b"]);
    for (const listening of listenings) listening.close();
    const answers = [];
    for (const entry of ["web a", "web b", "web-2 c", "we d", "zoo e"]) answers.push((await beat(on, entry)).isDrained);
    expect(answers).toEqual([true, true, false, false, false]);
    expect((await registry(on).list()).workers.filter(({ draining }) => draining)).toHaveLength(2);
  },

  "workers that are gone are not drained": async (on: Subject) => {
    await beat(on, "web dead");
    on.clock.advance(GONE_MS);

    await expect(registry(on).drain("web")).rejects.toMatchObject({ code: "not_found" });
  },

  "what a worker was asked is kept while it lives, and for a day if it is gone": async (on: Subject) => {
    for (const entry of ["web a", "web cut", "web dead"]) await beat(on, entry);
    await registry(on).drain("web");
    on.clock.advance(DAY_MS / 2);
    await beat(on, "web other");
    expect((await beat(on, "web cut")).isDrained).toBe(true);

    on.clock.advance(DAY_MS / 2 - 5_000);
    await beat(on, "web other");
    expect((await beat(on, "web a")).isDrained).toBe(true);
    on.clock.advance(5_000);
    await beat(on, "web other");

    expect(await entriesIn(on, "drained")).toEqual(["web a"]);
  },

  "a worker that leaves is in no key any more": async (on: Subject) => {
    await beat(on, "web a");
    await registry(on).drain("web");

    await registry(on).leave("web a");

    expect(await on.redis.keys(key(on, "*"))).toEqual([]);
  },

  "workers are listed and drained in pages": async (on: Subject) => {
    const count = 501;
    await Promise.all(Array.from({ length: count }, (_, n) => beat(on, `web ${1_000 + n}`)));

    const first = await page(on, null);
    const second = await page(on, first.next);

    expect(first.workers.map(({ entry }) => entry)).toEqual(["web 1000", "web 1001"]);
    expect(second.workers.map(({ entry }) => entry)).toEqual(["web 1002", "web 1003"]);
    expect((await registry(on).list()).workers).toHaveLength(count);
    expect(await registry(on).drain("web")).toMatchObject({ asked: count });
  },
} as const satisfies Record<string, (on: Subject) => Promise<void>>;

function registry({ target, prefix, telltale }: Subject): WorkerRegistry {
  const { hub } = telltale.$engine;
  return new WorkerRegistry(target, { keys: registryKeys(prefix), listen: hub.listen.bind(hub) });
}

function beat(on: Subject, entry: string, startedAt: number | null = null): Promise<BeatReply> {
  return registry(on).beat({ entry, record: RECORD, startedAt });
}

async function listed(on: Subject): Promise<{ total: number; entries: string[] }> {
  const { total, workers } = await registry(on).list();
  return { total, entries: workers.map(({ name, id }) => `${name} ${id}`) };
}

function page({ target, prefix }: Subject, after: string | null): Promise<ReturnType<typeof listWorkers.parse>> {
  const keys = { meta: registryKeys(prefix).seen, queue: null };
  return runScript({ ...target, keys }, listWorkers, { limit: 2, after });
}

function entriesIn(on: Subject, name: string): Promise<string[]> {
  return on.redis.zrange(key(on, name), "-", "+", "BYLEX").then((entries) => entries.map(String).toSorted());
}

function key({ prefix }: Subject, name: string): string {
  return `${prefix}:{workers}:${name}`;
}
