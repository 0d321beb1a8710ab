import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { threadFileOf } from "../../test/judge-thread-file.js";
import { ThreadPool } from "./thread-pool.js";

vi.setConfig({ testTimeout: 20_000 });

/** A thread that says hello and stays until it is let go, and on any word from outside never comes back. */
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

test("who came first gets a thread first, however many come after", async () => {
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

test("who stops waiting is told why at once, and those behind move up", async () => {
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

test("a thread that hears nothing any more is gone once discarded, and the next one is another", async () => {
  const pool = await poolOf(PROGRAM);
  const thread = await pool.take(never);
  thread.port.postMessage("go");
  await once(thread.port, "message");

  const next = pool.take(never);
  await thread.discard();

  await (await next).giveBack();
});

test("threads taken away while others still start are all replaced", async () => {
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

test("a thread that cannot start fails those who wait for it, and the pool recovers when threads can start again", async () => {
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

  // The first of these asks for a thread by coming; the second has only the first one's end to hope for.
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
  // Typed as a bare object.
  const report: { workers?: unknown[] } = process.report.getReport();
  return report.workers?.length ?? 0;
}
