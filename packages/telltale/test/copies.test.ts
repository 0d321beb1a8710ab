import { testRedis } from "@telltale/testkit";
import { initTRPC } from "@trpc/server";
import * as core from "telltale";
import { createClient } from "telltale/client";
import { createGateway } from "telltale/gateway";
import { createTelltale } from "telltale/server";
import { createJobsRouter, telltaleErrorFormatter } from "telltale/trpc";
import { createWorker } from "telltale/worker";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import manifest from "../package.json" with { type: "json" };
import { loadCopy } from "./copies.js";

const spec = { input: z.object({ n: z.int() }), output: z.object({ n: z.int() }), progress: z.object({ n: z.int() }) };

async function privateRedis(): Promise<string> {
  const redis = await testRedis();
  onTestFinished(() => redis.stop());
  return redis.url;
}

test("two copies of one version work together in one program, from the contract to the page", async () => {
  const copy = await loadCopy();
  expect(copy.core.TelltaleError).not.toBe(core.TelltaleError);
  const queue = copy.core.defineQueue("sums", { concurrency: 2 });
  const sum = copy.core.defineJob("sum", { ...spec, queue });
  const jobs = core.defineJobs(sum, core.defineJob("hang", spec));
  await using telltale = createTelltale({ jobs, redis: await privateRedis() });
  const t = initTRPC.create({ transformer: core.transformer, errorFormatter: copy.trpc.telltaleErrorFormatter });
  const procedure = t.procedure;
  const router = t.router({
    jobs: copy.trpc.createJobsRouter(telltale, { procedure, subject: () => ({ id: "ann" }), submit: ["sum", "hang"] }),
  });
  await using gateway = createGateway({ router, createContext: () => ({}) });
  let reason: unknown;
  const handlers = [
    copy.core.handle(sum, async ({ input, progress }) => {
      progress({ n: input.n });
      return { n: input.n + 1 };
    }),
    core.handle(jobs.hang, async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      reason = signal.reason;
      throw signal.reason;
    }),
  ];
  await using _worker = copy.worker.createWorker({ telltale, handlers, pollMs: 50 });
  await using client = createClient<typeof jobs>({ url: (await gateway.listen(0)).url, router: "jobs" });

  expect(await (await client.sum.submit({ n: 1 })).output()).toEqual({ n: 2 });
  const hanging = await client.hang.submit({ n: 1 });
  for await (const event of hanging.watch()) if (event.status === "running") await hanging.cancel();
  expect(reason).toBeInstanceOf(core.AttemptAborted);
  expect(reason).toBeInstanceOf(copy.core.AttemptAborted);
  // The engine of one copy refuses, and the router of the other says it as what it is.
  const missing = client.sum.job(core.newJobId("sum")).get();
  await expect(missing).rejects.toMatchObject({ code: "not_found" });
  await expect(client.sum.submit({ n: 1.5 })).rejects.toMatchObject({ code: "invalid_input" });
});

test("an error of one copy is an instance of the other copy's class, and of no other", async () => {
  const copy = await loadCopy();
  const error = new copy.core.TelltaleError("not_found", "no such job", { data: { id: "x" } });
  class Mine extends core.TelltaleError {}

  expect(error).toBeInstanceOf(core.TelltaleError);
  expect(core.hasCode(error, "not_found")).toBe(true);
  expect(new core.AttemptAborted("timeout")).toBeInstanceOf(copy.core.AttemptAborted);
  expect(error).not.toBeInstanceOf(Mine);
  expect(new Mine("closed")).toBeInstanceOf(core.TelltaleError);
  for (const other of [
    new Error("not_found"),
    { code: "not_found" },
    null,
    "not_found",
    new core.AttemptAborted("timeout"),
  ]) {
    expect(other).not.toBeInstanceOf(core.TelltaleError);
  }
});

test("an object of another version is refused with both versions in the error", async () => {
  const other = await loadCopy("99.1.0");
  const redis = await privateRedis();
  const theirs = other.core.defineJob("theirs", spec);
  const theirQueue = other.core.defineQueue("mail");
  const theirHandler = other.core.handle(theirs, async () => ({ n: 1 }));
  const ours = core.defineJobs(core.defineJob("theirs", spec));
  const theirTelltale = other.server.createTelltale({ jobs: other.core.defineJobs(theirs), redis });
  onTestFinished(() => theirTelltale[Symbol.asyncDispose]());
  await using telltale = createTelltale({ jobs: ours, redis });
  const t = initTRPC.create({ transformer: core.transformer, errorFormatter: telltaleErrorFormatter });
  const options = { procedure: t.procedure, subject: () => null, submit: ["theirs"] } as const;
  const theirRouter = t.router({ jobs: other.trpc.createJobsRouter(theirTelltale, options) });

  const refused: Readonly<Record<string, () => unknown>> = {
    "a contract in defineJobs": () => core.defineJobs(theirs),
    "a contract in createTelltale": () => createTelltale({ jobs: other.core.defineJobs(theirs), redis }),
    "a contract in handle": () => core.handle(theirs, async () => ({ n: 1 })),
    "a queue in defineJob": () => core.defineJob("mail", { ...spec, queue: theirQueue }),
    "a contract with changes": () => core.defineJobs({ ...theirs, attempts: 1 }),
    "a handler in createWorker": () => createWorker({ telltale, handlers: [theirHandler] }),
    "a Telltale in createWorker": () =>
      createWorker({ telltale: theirTelltale, handlers: [core.handle(ours.theirs, async () => ({ n: 1 }))] }),
    "a Telltale in createJobsRouter": () => createJobsRouter(theirTelltale, options),
    "a router in createGateway": () => createGateway({ router: theirRouter, createContext: () => ({}) }),
  };

  for (const [what, give] of Object.entries(refused)) {
    expect(give, what).toThrow(
      expect.objectContaining({
        code: "invalid_config",
        message: expect.stringMatching(
          `by telltale 99\\.1\\.0 and given to telltale ${manifest.version.replaceAll(".", "\\.")}`,
        ),
      }),
    );
  }
});

test("a contract can be passed between copies of one version many times, and still compares as the same", () => {
  const job = core.defineJob("sum", spec);

  expect(core.defineJobs(job).sum).toBe(job);
  expect(Object.keys(job)).not.toContain("madeBy");
  expect(JSON.stringify(core.defineQueue("mail"))).toBe(
    '{"name":"mail","concurrency":null,"rate":null,"maxWaiting":null}',
  );
});
