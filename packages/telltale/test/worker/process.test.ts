import { fileURLToPath } from "node:url";
import { type SpawnedProcess, spawnBundled, testRedis, waitFor } from "@telltale/testkit";
import { handle, type JobHandle } from "telltale";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { anything } from "./contracts.js";
import { type Harness, harness } from "./harness.js";

const SCRIPT = fileURLToPath(new URL("./fixtures/worker-process.mjs", import.meta.url));

let redis: Awaited<ReturnType<typeof testRedis>>;
beforeAll(async () => {
  redis = await testRedis();
});
afterAll(() => redis.stop());

async function spawnWorker(on: Harness, env: Readonly<Record<string, string>> = {}): Promise<SpawnedProcess> {
  const worker = await spawnBundled(SCRIPT, { env: { REDIS: redis.url, PREFIX: on.prefix, ...env } });
  onTestFinished(() => worker.stop());
  await worker.line(/^ready/);
  return worker;
}

/** A second, healthy worker that runs the jobs which the tested worker loses or releases. */
function rescue(on: Harness): { readonly runs: string[] } {
  const runs: string[] = [];
  const handler = handle(anything, async ({ input, attempt }) => {
    runs.push(`${input.name} ${attempt}`);
    return "rescued";
  });
  on.work([handler], { leaseMs: 600 });
  return { runs };
}

test("a handler that blocks its event loop for four leases is not run twice", async () => {
  const on = harness(redis.url);
  const blocked = await spawnWorker(on);
  const job = await on.telltale.anything.submit({ name: "block 2400" });
  await blocked.line(/^started block/);

  const { runs } = rescue(on);

  expect(await job.output()).toBe("blocked");
  expect(runs).toEqual([]);
});

test("a handler that blocks its event loop within its timeout is not killed because of a job that has ended", async () => {
  const on = harness(redis.url);
  // Leases are extended so rarely that the lease thread does not notice in time that the other job has ended.
  const blocked = await spawnWorker(on, { LEASE_MS: "20000" });
  const job = await on.telltale.anything.submit({ name: "blockAfterBrief 2400" });

  expect(await Promise.race([job.output(), blocked.exited])).toBe("blocked");
});

test("a handler that hangs for ever fails with handler_hung and ends one process, whose other jobs continue elsewhere", async () => {
  const on = harness(redis.url);
  const hung = await spawnWorker(on, { TIMEOUT: "400ms", LEASE_MS: "3000" });
  // This handler is overdue first, but it is not the one that hangs.
  const other = await on.telltale.anything.submit({ name: "ignore" });
  await hung.line(/^started ignore/);
  const job = await on.telltale.anything.submit({ name: "hang" });
  const errors = [retries(job), retries(other)];

  expect(await hung.exited).toEqual({ code: null, signal: "SIGKILL" });
  const { runs } = rescue(on);

  expect(await Promise.all(errors)).toEqual([["handler_hung"], []]);
  expect(runs.toSorted()).toEqual(["hang 2", "ignore 1"]);
  expect(hung.output()).toMatch(/^telltale error a handler hung: killing this process .*worker-process\.mjs/m);
});

test("a handler that hangs after an await is detected too", async () => {
  const on = harness(redis.url);
  const hung = await spawnWorker(on, { TIMEOUT: "400ms", LEASE_MS: "3000" });
  const other = await on.telltale.anything.submit({ name: "ignore" });
  await hung.line(/^started ignore/);
  const job = await on.telltale.anything.submit({ name: "hangLater" });
  const errors = [retries(job), retries(other)];

  await hung.exited;
  rescue(on);

  expect(await Promise.all(errors)).toEqual([["handler_hung"], []]);
});

test("a handler that hangs where the debugger cannot inspect it fails with handler_hung once it is overdue", async () => {
  const on = harness(redis.url);
  const hung = await spawnWorker(on, { TIMEOUT: "400ms", LEASE_MS: "3000" });
  const job = await on.telltale.anything.submit({ name: "sleep" });
  const errors = retries(job);

  await hung.exited;
  rescue(on);

  expect(await errors).toEqual(["handler_hung"]);
});

/** The errors after which a job was retried. */
async function retries(job: JobHandle<typeof anything>): Promise<string[]> {
  const codes: string[] = [];
  for await (const event of job.watch()) if (event.status === "retrying") codes.push(event.error.code);
  return codes;
}

test("the jobs of a killed worker run again within a lease, the backoff and one second", async () => {
  const on = harness(redis.url);
  const victim = await spawnWorker(on);
  const job = await on.telltale.anything.submit({ name: "wait" });
  await victim.line(/^started wait/);

  victim.kill("SIGKILL");
  const { runs } = rescue(on);

  expect(await job.output()).toBe("rescued");
  expect(runs).toEqual(["wait 2"]);
});

test("a job whose worker was killed after it submitted a child finds that child when it runs again", async () => {
  const on = harness(redis.url);
  const victim = await spawnWorker(on);
  const job = await on.telltale.anything.submit({ name: "fork" });
  const [, first] = (await victim.line(/^forked/)).split(" ");

  victim.kill("SIGKILL");
  const again = handle(anything, async ({ submit, attempt }) => {
    const child = await submit(anything, { name: "child" }, { delay: "1h" });
    return [attempt, child.id];
  });
  on.work([again], { leaseMs: 600 });

  expect(await job.output()).toEqual([2, first]);
});

test("a worker that lost its lease while it was suspended aborts its signal, and the other worker's output is kept", async () => {
  const on = harness(redis.url);
  const stopped = await spawnWorker(on);
  const job = await on.telltale.anything.submit({ name: "wait" });
  await stopped.line(/^started wait/);

  stopped.kill("SIGSTOP");
  const { runs } = rescue(on);
  const output = await job.output();
  stopped.kill("SIGCONT");

  expect(await stopped.line(/^aborted/)).toBe("aborted wait lease_lost");
  expect(output).toBe("rescued");
  expect(runs).toEqual(["wait 2"]);
  expect(await job.output()).toBe("rescued");
});

test("a process that does not exit after worker.run() logs what keeps it alive and what to do", async () => {
  const on = harness(redis.url);
  const worker = await spawnWorker(on, { STAYS: "1" });
  worker.kill("SIGTERM");

  await worker.line(/^stopped/);

  await waitFor(() =>
    /^telltale warn {2}the process stays alive after worker\.run\(\).*await telltale\[Symbol\.asyncDispose\]\(\)/m.test(
      worker.output(),
    ),
  );
});

test("on SIGTERM, running handlers get an abort and their jobs are released without using an attempt", async () => {
  const on = harness(redis.url);
  const leaving = await spawnWorker(on);
  const job = await on.telltale.anything.submit({ name: "wait" });
  await leaving.line(/^started wait/);

  leaving.kill("SIGTERM");

  expect(await leaving.exited).toEqual({ code: 0, signal: null });
  expect(leaving.output()).toContain("aborted wait shutdown");
  expect(await on.telltale.$engine.find.read(job.id)).toMatchObject({ status: "queued", attempt: 0 });
  const { runs } = rescue(on);
  await job.output();
  expect(runs).toEqual(["wait 1"]);
});

test("a handler that ignores the shutdown is released when the grace period is over", async () => {
  const on = harness(redis.url);
  const leaving = await spawnWorker(on, { GRACE_MS: "300" });
  const job = await on.telltale.anything.submit({ name: "ignore" });
  await leaving.line(/^started ignore/);

  leaving.kill("SIGTERM");

  expect((await leaving.exited).code).toBe(0);
  expect(await on.telltale.$engine.find.read(job.id)).toMatchObject({ status: "queued", attempt: 0 });
});

test.each([
  ["strayRejection", "1"],
  ["strayError", "1"],
  ["strayError", "2"],
])(
  "an uncaught error of a handler (%s, workers: %s) ends the process; its job loses an attempt, and the others are released",
  async (name, workers) => {
    const on = harness(redis.url);
    const crashing = await spawnWorker(on, { WORKERS: workers });
    const neighbour = await on.telltale.anything.submit({ name: "ignore" });
    await crashing.line(/^started ignore/);
    const culprit = await on.telltale.anything.submit({ name });

    expect(await crashing.exited).toEqual({ code: 1, signal: null });

    const { find } = on.telltale.$engine;
    expect(await find.read(neighbour.id)).toMatchObject({ status: "queued", attempt: 0 });
    expect(await find.read(culprit.id)).toMatchObject({ status: "retrying", attempt: 1 });
    expect(await culprit.get()).toMatchObject({ errors: [{ code: "handler_error", attempt: 1 }] });
    expect(crashing.output()).toMatch(/stray|SyntaxError/);
    expect(crashing.output()).toMatch(
      /^telltale error an uncaught error ends this process; its jobs return to the queue/m,
    );
  },
);

test("a process with its own listener for uncaught exceptions decides itself whether it continues", async () => {
  const on = harness(redis.url);
  const goingOn = await spawnWorker(on, { LISTENS: "1" });
  await on.telltale.anything.submit({ name: "strayError" });

  await goingOn.line(/^caught SyntaxError/);
  const job = await on.telltale.anything.submit({ name: "block 1" });

  expect(await job.output()).toBe("blocked");
});

test.for([
  ["added before the worker runs", "exits", "1"],
  ["added after the worker runs", "later", "1"],
  ["added after two workers run", "later", "2"],
] as const)(
  "a listener that ends the process if it is the only one for uncaught exceptions still ends it: %s",
  async ([, LISTENS, WORKERS]) => {
    const on = harness(redis.url);
    const ending = await spawnWorker(on, { LISTENS, WORKERS });
    await on.telltale.anything.submit({ name: "strayError" });

    expect(await ending.exited).toEqual({ code: 7, signal: null });
  },
);

test("a listener for unhandled rejections that is added after the worker runs is the only one, and decides", async () => {
  const on = harness(redis.url);
  const ending = await spawnWorker(on, { LISTENS: "laterForRejections" });
  await on.telltale.anything.submit({ name: "strayRejection" });

  await ending.line(/^caught stray/);

  expect(await ending.exited).toEqual({ code: 7, signal: null });
});

test("after the application has removed its own listener, a crash gives the jobs back again", async () => {
  const on = harness(redis.url);
  const crashing = await spawnWorker(on, { LISTENS: "laterAndNoMore" });
  const waiting = await on.telltale.anything.submit({ name: "wait" });
  await crashing.line(/^started wait/);

  await on.telltale.anything.submit({ name: "strayError" });

  expect(await crashing.exited).toEqual({ code: 1, signal: null });
  expect(await on.telltale.$engine.find.read(waiting.id)).toMatchObject({ status: "queued", attempt: 0 });
});

test("two signals at once, as process managers send them, do not shorten the grace period", async () => {
  const on = harness(redis.url);
  const leaving = await spawnWorker(on);
  const job = await on.telltale.anything.submit({ name: "finish" });
  await leaving.line(/^started finish/);

  leaving.kill("SIGINT");
  await leaving.line(/^aborted finish shutdown/);
  leaving.kill("SIGINT");

  expect((await leaving.exited).code).toBe(0);
  expect(await on.telltale.$engine.find.read(job.id)).toMatchObject({ status: "completed", attempt: 1 });
});

test("a second SIGTERM ends the grace period", async () => {
  const on = harness(redis.url);
  const leaving = await spawnWorker(on, { GRACE_MS: "600000" });
  const job = await on.telltale.anything.submit({ name: "ignore" });
  await leaving.line(/^started ignore/);

  leaving.kill("SIGTERM");
  await leaving.line(/^aborted ignore shutdown/);
  // A signal within half a second of the first counts as the same one.
  const abortedAt = performance.now();
  await waitFor(() => performance.now() - abortedAt > 600, { what: "more than half a second to pass" });
  leaving.kill("SIGTERM");

  expect((await leaving.exited).code).toBe(0);
  await waitFor(async () => (await on.telltale.$engine.find.read(job.id))?.status === "queued");
});
