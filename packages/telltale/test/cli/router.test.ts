import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testRedis } from "@telltale/testkit";
import { initTRPC } from "@trpc/server";
import { defineJob, defineJobs, handle, transformer } from "telltale";
import { createGateway } from "telltale/gateway";
import { createTelltale } from "telltale/server";
import { createJobsRouter, type Subject, telltaleErrorFormatter } from "telltale/trpc";
import { createWorker } from "telltale/worker";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { type Start, telltale } from "./telltale.js";

const greet = defineJob("greet", { input: z.object({ name: z.string() }), output: z.string() });
const jobs = defineJobs(greet);
const SUBMIT = ["submit", "greet", "--input", JSON.stringify({ name: "Ann" }), "--wait"] as const;

const t = initTRPC.context<{ subject: Subject }>().create({ transformer, errorFormatter: telltaleErrorFormatter });

/** An app whose jobs router is at `jobs` and at `api.jobs`, and not at the root. */
async function startApp() {
  const redis = await testRedis();
  const server = createTelltale({ jobs, redis: redis.url });
  const worker = createWorker({
    telltale: server,
    handlers: [handle(greet, async ({ input }) => `Hello ${input.name}`)],
  });
  const router = createJobsRouter(server, {
    procedure: t.procedure,
    subject: (ctx) => ctx.subject,
    submit: ["greet"],
  });
  const gateway = createGateway({
    router: t.router({ jobs: router, api: t.router({ jobs: router }) }),
    createContext: () => ({ subject: { id: "ann", operator: true } }),
  });
  const { url } = await gateway.listen(0);
  return {
    url,
    async [Symbol.asyncDispose]() {
      await gateway.close({ graceMs: 0 });
      await worker.stop();
      await server[Symbol.asyncDispose]();
      await redis.stop();
    },
  };
}

let app: Awaited<ReturnType<typeof startApp>>;
let folder: string;
beforeAll(async () => {
  app = await startApp();
  folder = await mkdtemp(join(tmpdir(), "telltale-cli-"));
});
afterAll(async () => {
  await app?.[Symbol.asyncDispose]();
  if (folder) await rm(folder, { recursive: true });
});

let start: Start;
beforeEach(async () => {
  start = { url: app.url, home: await mkdtemp(join(folder, "home-")) };
});

test.each(["jobs", "api.jobs"])("a router that is mounted as %s is named once and remembered", async (name) => {
  const submitted = await telltale(start, ...SUBMIT, "--router", name);
  expect(submitted).toMatchObject({ code: 0, out: expect.stringContaining('completed "Hello Ann"'), err: "" });

  expect(await telltale(start, "queues")).toMatchObject({ code: 0, out: expect.stringContaining("greet") });
  expect(await telltale(start, "list")).toMatchObject({ code: 0, out: expect.stringContaining("completed") });
});

test("the environment variable names a router like the option does, and the option has precedence", async () => {
  const env = { TELLTALE_ROUTER: "nowhere" };

  expect(await telltale({ ...start, env }, "queues")).toMatchObject({ code: 2 });
  expect(await telltale({ ...start, env }, "queues", "--router", "jobs")).toMatchObject({ code: 0 });
  expect(await telltale({ ...start, env: { TELLTALE_ROUTER: "" } }, "queues")).toMatchObject({ code: 0 });
});

test("without a name, the error says that there is no router at the root and which option to use", async () => {
  const { code, err } = await telltale(start, "queues");

  expect(code).toBe(2);
  expect(err).toBe(
    `telltale: invalid_config: No jobs router at the root of ${app.url}. Did you mount it under another name? Use --router <name>.\n`,
  );
});

test("a wrong name is rejected by every kind of command, and is not remembered", async () => {
  expect(await telltale(start, "queues", "--router", "jobs")).toMatchObject({ code: 0 });

  const commands = [SUBMIT, ["list"], ["watch", `greet_${"0".repeat(32)}`], ["pause", "greet"]];
  for (const command of commands) {
    const { code, err } = await telltale(start, ...command, "--router", "job");
    expect(code).toBe(2);
    expect(err).toContain(`No jobs router at ${app.url} under the name job.`);
  }

  expect(await telltale(start, "queues")).toMatchObject({ code: 0 });
});

test("a remembered name that is no longer valid is named in the error, and a new one replaces it", async () => {
  await telltale(start, "queues", "--router", "jobs");

  const refused = await telltale(start, "queues", "--no-router");
  expect(refused).toMatchObject({ code: 2, err: expect.stringContaining("at the root") });
  expect(await telltale(start, "queues", "--router", "api.jobs")).toMatchObject({ code: 0 });
  expect(await telltale(start, "queues")).toMatchObject({ code: 0 });
});

test("the name that is remembered for one server is not used for another", async () => {
  await using other = await startApp();
  await telltale(start, "queues", "--router", "jobs");

  expect(await telltale({ ...start, url: other.url }, "queues")).toMatchObject({ code: 2 });
});

test("an invalid router name is a usage error", async () => {
  const { code, err } = await telltale(start, "queues", "--router", "jobs/api");

  expect(code).toBe(2);
  expect(err).toContain('"jobs/api" is not a router name');
});

test("the error distinguishes an address without tRPC from one without a jobs router", async () => {
  const { code, err } = await telltale({ ...start, url: `${app.url}/api/trpc` }, "queues", "--router", "jobs");

  expect(code).toBe(2);
  expect(err).toContain(`No tRPC at ${app.url}/api/trpc`);
});
