import { createRequire } from "node:module";
import { type SpawnedProcess, spawnProcess, testRedis } from "@telltale/testkit";
import { handle } from "telltale";
import { createClient } from "telltale/client";
import { createTelltale } from "telltale/server";
import { createWorker } from "telltale/worker";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Bundles, bundle } from "./bundle.js";
import { block, jobs } from "./programs/contracts.js";

const LEASE_MS = 1_000;

describe.each(["esm", "cjs"] as const)("minified %s bundles without node_modules", (format) => {
  let bundles: Bundles;
  beforeAll(async () => {
    bundles = await bundle(format);
  });
  afterAll(() => bundles[Symbol.asyncDispose]());

  test("run where none of their dependencies is installed", () => {
    const { resolve } = createRequire(bundles.worker);

    for (const name of ["telltale", "ioredis", "zod", "ws"]) expect(() => resolve(name)).toThrow("Cannot find module");
  });

  test("submit a job, run it and get its result", async () => {
    await using redis = await testRedis();
    await using server = await start(bundles.server, redis.url);
    await using worker = await start(bundles.worker, redis.url);
    await using client = createClient<typeof jobs>({ url: await urlOf(server), router: "jobs" });
    await worker.line(/^ready$/);

    const job = await client.block.submit({ ms: 1 });

    expect(await job.output()).toEqual({ by: "the bundle", at: expect.any(Date) });
    worker.kill("SIGTERM");
    server.kill("SIGTERM");
    expect(await worker.exited).toEqual({ code: 0, signal: null });
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(worker.output().match(/^attempt .*$/gm)).toEqual(["attempt 1"]);
  });

  test("run a handler that blocks its event loop for three leases once", async () => {
    await using redis = await testRedis();
    await using blocked = await start(bundles.worker, redis.url);
    await blocked.line(/^ready$/);
    const telltale = createTelltale({ jobs, redis: redis.url });
    onTestFinished(() => telltale[Symbol.asyncDispose]());
    const job = await telltale.block.submit({ ms: 3 * LEASE_MS });
    await blocked.line(/^attempt 1$/);

    // A second, healthy worker would run a job that lost its lease.
    const stolen: number[] = [];
    const thief = handle(block, async ({ attempt }) => {
      stolen.push(attempt);
      return { by: "another worker", at: new Date() };
    });
    const worker = createWorker({ telltale, handlers: [thief], leaseMs: LEASE_MS, pollMs: 50 });
    onTestFinished(() => worker.stop());
    await worker.start();

    expect(await job.output()).toMatchObject({ by: "the bundle" });
    expect(stolen).toEqual([]);
    expect(blocked.output().match(/^attempt .*$/gm)).toEqual(["attempt 1"]);
  });
});

/** Runs a bundle with plain Node, without tsx and export conditions. */
function start(bundled: string, redisUrl: string): Promise<SpawnedProcess> {
  return spawnProcess(bundled, { env: { REDIS_URL: redisUrl, LEASE_MS: String(LEASE_MS) } });
}

async function urlOf(server: SpawnedProcess): Promise<string> {
  return (await server.line(/^listening on /)).replace("listening on ", "");
}
