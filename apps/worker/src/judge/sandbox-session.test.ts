import { expect, onTestFinished, test } from "vitest";
import { threadFileOf } from "../../test/judge-thread-file.js";
import { SandboxSession } from "./sandbox-session.js";
import { ThreadPool } from "./thread-pool.js";

const request = { source: "", input: "{}", timeMs: 15_000, memoryMb: 64 };

/** A session on a thread that runs `program` instead of each requested test. */
async function sessionOn(program: string): Promise<{ session: SandboxSession; discarded: string[] }> {
  const threads = new ThreadPool(
    1,
    await threadFileOf(`export default (port) => new Promise(() => {
    port.on("message", () => { ${program} });
    port.postMessage({ threadId });
  });`),
  );
  onTestFinished(() => threads.close());
  const discarded: string[] = [];
  const take: ThreadPool["take"] = async (signal) => {
    const thread = await threads.take(signal);
    const discard = (): Promise<void> => {
      discarded.push("thread");
      return thread.discard();
    };
    return { ...thread, discard };
  };
  const signal = new AbortController().signal;
  return { session: await SandboxSession.open({ pool: { take }, onPrinted: () => {}, signal }), discarded };
}

const started = `port.postMessage({ type: "started" });`;

test("a program that exhausts its thread's heap exceeds its memory limit", async () => {
  const { session, discarded } = await sessionOn(
    `${started} const kept = []; for (;;) kept.push(new Array(1000).fill({}));`,
  );

  const { outcome } = await session.run(request);
  await session[Symbol.asyncDispose]();

  expect(outcome).toMatchObject({ kind: "failed", verdict: "memory_limit" });
  expect(discarded).toHaveLength(1);
});

test.each([
  ["throws", "throw new Error('secret path')"],
  ["exits", "process.exit(7)"],
])("a program whose thread %s gets a runtime error that reveals nothing about the host", async (_, how) => {
  const { session, discarded } = await sessionOn(`${started} ${how}`);

  const { outcome } = await session.run(request);
  await session[Symbol.asyncDispose]();

  expect(outcome).toEqual({ kind: "failed", verdict: "runtime_error", message: "The sandbox crashed" });
  expect(discarded).toHaveLength(1);
});

test("a thread that dies before the program starts is an error and not a verdict, so the job is retried", async () => {
  const { session, discarded } = await sessionOn("process.exit(7)");

  await expect(session.run(request)).rejects.toThrow("exited with code: 7");
  await session[Symbol.asyncDispose]();

  expect(discarded).toHaveLength(1);
});
