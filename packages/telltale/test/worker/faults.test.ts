import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTcpProxy, testRedis, waitFor } from "@telltale/testkit";
import { handle } from "telltale";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { anything, double } from "./contracts.js";
import { deferred, type Harness, harness } from "./harness.js";

let redis: Awaited<ReturnType<typeof testRedis>>;
beforeAll(async () => {
  redis = await testRedis();
});
afterAll(() => redis.stop());

type Proxy = Awaited<ReturnType<typeof createTcpProxy>>;

async function behindProxy(): Promise<{ readonly proxy: Proxy; readonly near: Harness; readonly far: Harness }> {
  const proxy = await createTcpProxy({ target: { path: redis.socketPath } });
  onTestFinished(() => proxy.stop());
  const near = harness(redis.url);
  return { proxy, near, far: harness(proxy.url, near.prefix) };
}

test("a claim whose reply is lost is repeated, and its job runs once, as its first attempt", async () => {
  const { proxy, near, far } = await behindProxy();
  const attempts: number[] = [];
  const job = await near.telltale.anything.submit({});
  // Before there are leases to extend, only a claim contains the lease time.
  const lost = proxy.dropReplyOnce({ containing: "7777" });

  far.work(
    [
      handle(anything, async ({ attempt }) => {
        attempts.push(attempt);
        return "once";
      }),
    ],
    { leaseMs: 7_777 },
  );
  await lost;

  expect(await job.output()).toBe("once");
  expect(attempts).toEqual([1]);
});

test("a claim whose reply takes longer than half a lease still runs its job, as its first attempt", async () => {
  const { proxy, near, far } = await behindProxy();
  const worker = far.work([handle(anything, async ({ attempt }) => attempt)], { leaseMs: 3_000 });
  await waitFor(() => worker.liveness.lastClaimAt);

  proxy.blackhole("down");
  const job = await near.telltale.anything.submit({});
  await waitFor(async () => (await near.telltale.$engine.find.read(job.id))?.status === "running");
  const claimedAt = performance.now();
  await waitFor(() => performance.now() - claimedAt > 1_700, { what: "half the lease to pass" });
  proxy.pass();

  expect(await job.output()).toBe(1);
});

test("a worker does not run a job that was reclaimed while the renewal of its claim was in flight", async () => {
  const { proxy, near } = await behindProxy();
  await using inner = await createTcpProxy({ target: { port: proxy.port } });
  const far = harness(inner.url, near.prefix);
  const attempts: number[] = [];
  const leaseMs = 1_500;
  const handler = handle(anything, async ({ attempt }) => attempts.push(attempt));
  const worker = far.work([handler], { leaseMs });
  await waitFor(() => worker.liveness.lastClaimAt);
  // Loads the script, because an unknown script would need another round trip.
  const scripts = near.telltale.$engine.scripts("anything");
  await scripts.extend([{ id: "anything_0", fence: 1 }], leaseMs);

  inner.blackhole("down");
  const job = await near.telltale.anything.submit({});
  await waitFor(async () => (await near.telltale.$engine.find.read(job.id))?.status === "running");
  const claimedAt = performance.now();
  await waitFor(() => performance.now() - claimedAt > leaseMs / 2, { what: "half the lease to pass" });
  // The claim's answer arrives, that of the renewal it leads to does not.
  proxy.blackhole("down");
  inner.pass();
  await waitFor(async () => {
    await scripts.reclaim(leaseMs);
    return (await near.telltale.$engine.find.read(job.id))?.status === "retrying";
  });
  proxy.pass();

  await job.output();
  expect(attempts).toEqual([2]);
});

test("a completion whose reply is lost is repeated, and counts once", async () => {
  const { proxy, near, far } = await behindProxy();
  let runs = 0;
  const lost = proxy.dropReplyOnce({ containing: "the-only-answer" });
  far.work([
    handle(anything, async () => {
      runs += 1;
      return "the-only-answer";
    }),
  ]);

  const job = await near.telltale.anything.submit({});
  await lost;

  expect(await job.output()).toBe("the-only-answer");
  expect(runs).toBe(1);
  expect((await near.telltale.$engine.find.read(job.id))?.seq).toBe(3);
});

test("a completion that never arrived is sent again", async () => {
  const { proxy, near, far } = await behindProxy();
  const lost = proxy.dropRequestOnce({ containing: "the-late-answer" });
  far.work([handle(anything, async () => "the-late-answer")]);

  const job = await near.telltale.anything.submit({});
  await lost;

  expect(await job.output()).toBe("the-late-answer");
});

test("a worker that was cut off resumes by itself, and its liveness shows the time of its last contact", async () => {
  const { proxy, near, far } = await behindProxy();
  const worker = far.work([handle(double, async ({ input }) => ({ doubled: input.n * 2 }))]);
  await waitFor(() => worker.liveness.lastClaimAt);

  proxy.refuse();
  proxy.cutAll();
  const job = await near.telltale.double.submit({ n: 3 });
  await waitFor(() => far.logged.some(({ message }) => message === "claiming failed; trying again"));
  const before = Date.now();
  proxy.pass();

  expect(await job.output()).toEqual({ doubled: 6 });
  expect(worker.liveness.lastClaimAt).toBeGreaterThanOrEqual(before);
});

test("a worker behind a black hole abandons its job, and the output of another worker is kept", async () => {
  const { proxy, near, far } = await behindProxy();
  const started = deferred();
  const causes: unknown[] = [];
  const never = deferred();
  far.work(
    [
      handle(anything, async ({ signal }) => {
        started.resolve();
        signal.addEventListener("abort", () => {
          causes.push(signal.reason.cause);
          never.resolve();
        });
        await never.promise;
        return "too late";
      }),
    ],
    { leaseMs: 600 },
  );
  const job = await near.telltale.anything.submit({});
  await started.promise;

  proxy.blackhole();
  near.work([handle(anything, async ({ attempt }) => `attempt ${attempt}`)], { leaseMs: 600 });
  const output = await job.output();
  proxy.pass();

  await waitFor(() => causes.length > 0);
  expect(causes).toEqual(["lease_lost"]);
  expect(output).toBe("attempt 2");
  expect(await job.output()).toBe("attempt 2");
}, 20_000);

test("if Redis restarts while workers run, every job is still done once", async () => {
  const dir = mkdtempSync(join(tmpdir(), "telltale-worker-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const before = await testRedis({ dir, appendOnly: true, config: { appendfsync: "always" } });
  const { telltale, work } = harness(before.url);
  const runs = new Map<number, number>();
  const enough = deferred();
  work(
    [
      handle(double, async ({ input }) => {
        runs.set(input.n, (runs.get(input.n) ?? 0) + 1);
        if (input.n < 5) await enough.promise;
        return { doubled: input.n * 2 };
      }),
    ],
    { leaseMs: 10_000 },
  );
  const jobs = await Promise.all(Array.from({ length: 40 }, (_, n) => telltale.double.submit({ n })));
  await waitFor(() => runs.size > 20);

  await before.kill();
  enough.resolve();
  const after = await testRedis({ dir, appendOnly: true, config: { appendfsync: "always" } });
  await using _ = after;
  const results = await Promise.all(jobs.map((job) => job.output()));

  expect(results).toEqual(jobs.map((_job, n) => ({ doubled: n * 2 })));
  expect([...runs.values()].every((count) => count === 1)).toBe(true);
}, 20_000);
