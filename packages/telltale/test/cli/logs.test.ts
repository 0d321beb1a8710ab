import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTcpProxy, testRedis } from "@telltale/testkit";
import { initTRPC } from "@trpc/server";
import { defineJob, defineJobs, handle, type JobLog, transformer } from "telltale";
import { createGateway } from "telltale/gateway";
import { createTelltale } from "telltale/server";
import { createJobsRouter, telltaleErrorFormatter } from "telltale/trpc";
import { createWorker } from "telltale/worker";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { telltale as run, startInTerminal, startPiped } from "./telltale.js";

const pay = defineJob("pay", { input: z.object({}), output: z.unknown(), retry: { attempts: 1 } });
const jobs = defineJobs(pay);

/** A server with one worker, whose handler calls this. The caller is an operator, unless its token is "user". */
async function stack(handler: (log: JobLog) => Promise<void> | void) {
  const redis = await testRedis();
  const telltale = createTelltale({
    jobs,
    redis: redis.url,
    prefix: `t${randomBytes(4).toString("hex")}`,
    logger: false,
  });
  const t = initTRPC.context<{ operator: boolean }>().create({ transformer, errorFormatter: telltaleErrorFormatter });
  const router = createJobsRouter(telltale, {
    procedure: t.procedure,
    subject: ({ operator }) => ({ id: "ann", operator }),
    submit: ["pay"],
  });
  const gateway = createGateway({
    router: t.router({ jobs: router }),
    createContext: ({ req, connectionParams }) => ({
      operator: (req.headers.authorization ?? connectionParams?.authorization) !== "Bearer user",
    }),
    logger: false,
  });
  const { url } = await gateway.listen(0);
  const handlers = [handle(pay, async ({ log }) => handler(log))];
  const worker = createWorker({ telltale, handlers, logger: false, pollMs: 50 });
  const home = await mkdtemp(join(tmpdir(), "telltale-cli-"));
  onTestFinished(async () => {
    await worker.stop();
    await gateway[Symbol.asyncDispose]();
    await telltale[Symbol.asyncDispose]();
    await redis.stop();
    await rm(home, { recursive: true });
  });
  const start = { url, home, env: { TELLTALE_ROUTER: "jobs", TELLTALE_TOKEN: "operator" } };
  return { telltale, start, asUser: { ...start, env: { ...start.env, TELLTALE_TOKEN: "user" } } };
}

const objects = (text: string): Record<string, unknown>[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

test("the log of a job that ended is printed with times, levels and data, and can be filtered", async () => {
  const { telltale, start, asUser } = await stack((log) => {
    log.debug("looking up", { order: 7 });
    log.warn("\u001b[2Jslow", { ms: 900 });
    log.error("refused", new Error("no"));
  });
  const job = await telltale.pay.submit({}, { owner: "ann" });
  await job.result();

  const { code, out, err } = await run(start, "logs", job.id);
  const warnings = await run(start, "logs", job.id, "--level", "warn", "--json");

  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out.split("\n").slice(0, 4)).toEqual([
    expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z debug looking up order=7$/),
    expect.stringMatching(/Z warn {2}�\[2Jslow ms=900$/),
    expect.stringMatching(/Z error refused$/),
    "    Error: no",
  ]);
  expect(objects(warnings.out)).toMatchObject([
    { id: job.id, n: 2, round: 1, attempt: 1, level: "warn", message: "\u001b[2Jslow", data: { ms: 900 } },
    { n: 3, level: "error", data: { message: "no" } },
  ]);
  expect(warnings.out).toMatch(/^[\x20-\x7e\n]+$/);
  expect(await run(asUser, "logs", job.id)).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^telltale: forbidden: /),
  });
});

test("--follow prints lines as they are logged, and ends with the job", async () => {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { telltale, start } = await stack(async (log) => {
    log.info("first");
    await released;
    log.info("last");
  });
  const job = await telltale.pay.submit({});
  const following = startPiped(start, ["logs", job.id, "--follow"]);
  await following.shows(/first/);
  release();

  const { code, out } = await following.ended;

  expect(code).toBe(0);
  expect(
    out
      .trimEnd()
      .split("\n")
      .map((line) => line.slice(25)),
  ).toEqual(["info  first", "info  last"]);
});

test("--follow misses and repeats no line when its connection is cut, and Ctrl-C ends it", async () => {
  let next = (): void => {};
  const { telltale, start } = await stack(async (log) => {
    for (let i = 1; ; i++) {
      log.info(`line ${i}`);
      await new Promise<void>((resolve) => {
        next = resolve;
      });
      if (i === 3) return;
    }
  });
  const { port } = new URL(start.url);
  await using proxy = await createTcpProxy({ target: { port: Number(port) } });
  const job = await telltale.pay.submit({});
  const through = { ...start, url: `http://127.0.0.1:${proxy.port}` };
  const following = startInTerminal(through, ["logs", job.id, "--follow"]);
  await following.shows(/line 1/);
  proxy.cutAll();
  next();
  await following.shows(/line 2/);
  next();
  await following.shows(/line 3/);
  following.type("\u0003");

  const { code, out } = await following.ended;

  next();
  expect(code).toBe(130);
  expect(out.match(/line \d/g)).toEqual(["line 1", "line 2", "line 3"]);
});

test("a job that logged nothing, a job that does not exist, and a word that is no job id each get an answer", async () => {
  const { telltale, start } = await stack(() => {});
  const job = await telltale.pay.submit({});
  await job.result();

  expect(await run(start, "logs", job.id)).toEqual({ code: 0, out: "", err: "The job has logged nothing.\n" });
  expect(await run(start, "logs", `pay_${"0".repeat(32)}`)).toMatchObject({
    code: 1,
    err: expect.stringContaining("not_found"),
  });
  expect(await run(start, "logs", "nonsense")).toMatchObject({
    code: 2,
    err: expect.stringContaining("is not a job id"),
  });
  expect(await run(start, "logs", job.id, "--level", "loud")).toMatchObject({ code: 2 });
});
