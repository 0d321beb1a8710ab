import { Worker } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import { SandboxSession } from "./sandbox-session.js";

const request = { source: "", input: "{}", timeMs: 1_000, memoryMb: 64 };

/** A session on a thread that does what `program` says when asked for a test, instead of running one. */
async function sessionOn(program: string): Promise<{ session: SandboxSession; discarded: Worker[] }> {
  const code = `const { parentPort } = require("node:worker_threads"); parentPort.on("message", () => { ${program} });`;
  const thread = new Worker(code, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 16 } });
  onTestFinished(async () => {
    await thread.terminate();
  });
  const discarded: Worker[] = [];
  const pool = {
    take: () => Promise.resolve(thread),
    giveBack: () => {},
    discard: (spoiled: Worker) => void discarded.push(spoiled),
  };
  const signal = new AbortController().signal;
  return { session: await SandboxSession.open({ pool, onPrinted: () => {}, signal }), discarded };
}

const started = `parentPort.postMessage({ type: "started" });`;

test("a program that takes its thread's heap with it is over its memory limit", async () => {
  const { session, discarded } = await sessionOn(
    `${started} const kept = []; for (;;) kept.push(new Array(1000).fill({}));`,
  );

  const { outcome } = await session.run(request);
  session[Symbol.dispose]();

  expect(outcome).toMatchObject({ kind: "failed", verdict: "memory_limit" });
  expect(discarded).toHaveLength(1);
});

test.each([
  ["throws", "throw new Error('secret path')"],
  ["exits", "process.exit(7)"],
])("a program whose thread %s has a runtime error that tells nothing of the host", async (_, how) => {
  const { session, discarded } = await sessionOn(`${started} ${how}`);

  const { outcome } = await session.run(request);
  session[Symbol.dispose]();

  expect(outcome).toEqual({ kind: "failed", verdict: "runtime_error", message: "The sandbox crashed" });
  expect(discarded).toHaveLength(1);
});

test("a thread that dies before the program began is no verdict but an error, so the job is tried again", async () => {
  const { session, discarded } = await sessionOn("process.exit(7)");

  await expect(session.run(request)).rejects.toThrow("exited with code 7");
  session[Symbol.dispose]();

  expect(discarded).toHaveLength(1);
});
