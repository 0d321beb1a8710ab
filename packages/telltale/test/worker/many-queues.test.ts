import { randomUUID } from "node:crypto";
import { createTcpProxy, testRedis, waitFor } from "@telltale/testkit";
import { defineJob, defineJobs, handle } from "telltale";
import { createTelltale } from "telltale/server";
import { createWorker } from "telltale/worker";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { type Logged, memoryLogger } from "./harness.js";

const contracts = Array.from({ length: 12 }, (_, i) =>
  defineJob(`kind${i}`, { input: z.object({}), output: z.object({}) }),
);

test("an outage of Redis logs a few lines, not one for each of twelve queues, and no leak warning", async () => {
  await using redis = await testRedis();
  await using proxy = await createTcpProxy({ target: { path: redis.socketPath } });
  const warnings: string[] = [];
  const onWarning = ({ name }: Error): void => void warnings.push(name);
  process.on("warning", onWarning);
  onTestFinished(() => void process.off("warning", onWarning));
  const logged: Logged[] = [];
  const logger = memoryLogger(logged);
  const prefix = `t${randomUUID().slice(0, 8)}`;
  await using telltale = createTelltale({ jobs: defineJobs(...contracts), redis: proxy.url, prefix, logger });
  const handlers = contracts.map((contract) => handle(contract, async () => ({})));
  await using worker = createWorker({ telltale, handlers, leaseMs: 3_000, pollMs: 50, logger });
  await waitFor(() => worker.liveness.lastClaimAt);

  proxy.refuse();
  proxy.cutAll();
  const waits = (): number => logged.filter(({ message }) => message === "waiting for redis").length;
  await waitFor(() => waits() >= 2, { timeoutMs: 20_000 });
  proxy.pass();
  const job = await waitFor(() => telltale.kind7?.submit({}).catch(() => null), { timeoutMs: 10_000 });
  await job.output();

  const troubles = logged.filter(({ level }) => level === "warn" || level === "error");
  const told = troubles.map(({ message }) => message);
  for (const message of new Set(told)) {
    // One line per ten seconds. The outage takes a little longer than that.
    if (message !== "waiting for redis") expect(told.filter((one) => one === message).length, message).toBeLessThan(4);
  }
  expect(warnings).toEqual([]);
}, 40_000);

test("a dozen watches with one signal cause no leak warning, and end with the signal", async () => {
  await using redis = await testRedis();
  const warnings: string[] = [];
  const onWarning = ({ name }: Error): void => void warnings.push(name);
  process.on("warning", onWarning);
  onTestFinished(() => void process.off("warning", onWarning));
  await using telltale = createTelltale({ jobs: defineJobs(...contracts), redis: redis.url, logger: false });
  const { signal, abort } = abortable();
  const jobs = await Promise.all(contracts.map(({ kind }) => telltale[kind]?.submit({})));

  let events = 0;
  const watches = jobs.map(async (job) => {
    if (job) for await (const _event of job.watch({ signal })) events += 1;
  });
  await waitFor(() => events === contracts.length);
  abort();

  await Promise.all(watches);
  expect(warnings).toEqual([]);
});

function abortable(): { readonly signal: AbortSignal; abort(): void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
