import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { threadFileOf } from "../../test/judge-thread-file.js";
import { ThreadPool } from "./thread-pool.js";

vi.setConfig({ testTimeout: 20_000 });

/** A thread that reports its id and runs until its port closes. After any message, it loops forever. */
const PROGRAM = `
  export default (port) => new Promise((resolve) => {
    if (port === null) return resolve();
    port.on("close", resolve);
    port.on("message", () => {
      port.postMessage("deaf");
      for (;;);
    });
    port.postMessage({ threadId });
  });`;

const never = new AbortController().signal;

async function poolOf(program: string, size = 1): Promise<ThreadPool> {
  const pool = new ThreadPool(size, await threadFileOf(program));
  onTestFinished(() => pool.close());
  return pool;
}

test("threads are given out in the order in which they were requested", async () => {
  const pool = await poolOf(PROGRAM);
  const order: number[] = [];
  let next = 0;
  const takeTurns = async (): Promise<void> => {
    while (next < 40) {
      const turn = next++;
      const thread = await pool.take(never);
      order.push(turn);
      await thread.giveBack();
    }
  };

  await Promise.all([takeTurns(), takeTurns(), takeTurns(), takeTurns()]);

  expect(order).toEqual(Array.from({ length: 40 }, (_, turn) => turn));
});

test("an aborted wait rejects at once with its reason, and later waiters move up", async () => {
  const pool = await poolOf(PROGRAM);
  const first = await pool.take(never);
  const stop = new AbortController();
  const second = pool.take(stop.signal);
  const third = pool.take(never);

  stop.abort(new Error("changed my mind"));
  await expect(second).rejects.toThrow("changed my mind");
  await first.giveBack();

  await (await third).giveBack();
});

test("an unresponsive thread is replaced when it is discarded", async () => {
  const pool = await poolOf(PROGRAM);
  const thread = await pool.take(never);
  thread.port.postMessage("go");
  await once(thread.port, "message");

  const next = pool.take(never);
  await thread.discard();

  await (await next).giveBack();
});

test("threads that are discarded while others are still starting are all replaced", async () => {
  const pool = await poolOf(PROGRAM, 2);

  for (let round = 0; round < 10; round++) {
    const stop = new AbortController();
    const [one, other] = await Promise.all([pool.take(never), pool.take(never)]);
    const waiting = [pool.take(stop.signal), pool.take(never), pool.take(never)];
    const ended = Promise.allSettled(waiting);
    await Promise.all([one.discard(), other.discard()]);
    stop.abort();
    for (const result of await ended) if (result.status === "fulfilled") await result.value.discard();
  }
});

test("waiters reject if a thread cannot start, and the pool recovers when threads can start again", async () => {
  const marker = await threadFileOf("");
  await rm(marker);
  const pool = await poolOf(`
    import { existsSync } from "node:fs";
    if (existsSync(${JSON.stringify(marker)})) throw new Error("cannot start");
    ${PROGRAM}`);
  const first = await pool.take(never);
  await writeFile(marker, "");
  const waiting = pool.take(never);
  const failed = expect(waiting).rejects.toThrow("cannot start");

  await first.discard();
  await failed;
  await rm(marker);

  // The first request starts a thread. The second can only get one after the first thread is discarded.
  const second = pool.take(never);
  const third = pool.take(never);
  await (await second).discard();
  await (await third).giveBack();
});

test("a closed pool has no threads, not even one that was just discarded", async () => {
  const before = liveThreads();
  for (let round = 0; round < 5; round++) {
    const pool = await poolOf(PROGRAM, 2);
    const thread = await pool.take(never);
    thread.port.postMessage("go");
    await once(thread.port, "message");

    await thread.discard();
    await pool.close();

    expect(liveThreads()).toBe(before);
  }
});

function liveThreads(): number {
  // `getReport` is typed as a plain object.
  const report: { workers?: unknown[] } = process.report.getReport();
  return report.workers?.length ?? 0;
}
