import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testRedis } from "@telltale/testkit";
import { initTRPC } from "@trpc/server";
import { defineJob, defineJobs, transformer } from "telltale";
import { createGateway } from "telltale/gateway";
import { createTelltale, type Telltale } from "telltale/server";
import { createJobsRouter } from "telltale/trpc";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { encode } from "../../src/core/codec/codec.js";
import { telltale as run, type Start, startInTerminal, startPiped } from "./telltale.js";

const jobs = defineJobs(defineJob("mail", { input: z.object({ to: z.string() }), output: z.unknown() }));

let server: Awaited<ReturnType<typeof testRedis>>;
let telltale: Telltale<typeof jobs>;
let gateway: ReturnType<typeof createGateway>;
let start: Start;
let steps = 0;
let claims = 0;
/** Resolves once the server may take its next step. */
let gate: Promise<void> = Promise.resolve();

beforeAll(async () => {
  server = await testRedis();
  telltale = createTelltale({ jobs, redis: server.url, logger: false });
  const t = initTRPC.create({ transformer });
  const procedure = t.procedure.use(async ({ path, next }) => {
    if (path === "jobs.bulk.step") {
      steps += 1;
      await gate;
    }
    return next();
  });
  const router = createJobsRouter(telltale, {
    procedure,
    subject: () => ({ id: "root", operator: true }),
    submit: ["mail"],
  });
  gateway = createGateway({ router: t.router({ jobs: router }), createContext: () => ({}), logger: false });
  const { url } = await gateway.listen(0);
  start = { url, home: await mkdtemp(join(tmpdir(), "telltale-cli-")), env: { TELLTALE_ROUTER: "jobs" } };
}, 60_000);
afterAll(async () => {
  await gateway?.close();
  await telltale?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
  if (start) await rm(start.home, { recursive: true });
});
beforeEach(async () => {
  steps = 0;
  gate = Promise.resolve();
  for await (const _ of telltale.$queues.drain("mail"));
  for await (const _ of telltale.$queues.clean("mail", { olderThan: 0 }));
});

async function failed(count: number): Promise<void> {
  const { $engine } = telltale;
  await telltale.mail.submitMany(Array.from({ length: count }, () => ({ input: { to: "a" } })));
  const scripts = $engine.scripts("mail");
  const error = encode({ code: "handler_error", message: "The handler failed.", detail: "mailbox full" });
  for (let left = count; left > 0; ) {
    const { jobs } = await scripts.claim({ loop: "l", request: `r${claims++}`, room: 100, leaseMs: 60_000 });
    await Promise.all(jobs.map((lease) => scripts.fail({ ...lease, error, retryInMs: null, pending: null })));
    left -= jobs.length;
  }
}

async function counts() {
  return (await telltale.$queues.list())[0]?.jobs;
}

const RERUN = ["bulk", "rerun", "--status", "failed"];

test("a dry run counts, and --yes changes the jobs without a question", async () => {
  await failed(120);

  expect(await run(start, ...RERUN, "--since", "1h", "--dry-run")).toMatchObject({
    ...{ code: 0, out: "120 found, looked at 120\n" },
  });
  expect(await counts()).toMatchObject({ failed: 120 });
  const { code, out, err } = await run(start, ...RERUN, "--since", "1h", "--error", "mailbox FULL", "--yes");
  expect([code, out]).toEqual([0, "120 done, looked at 120\n"]);
  // A line for each step before the last one.
  expect(err).toBe("100 done, looked at 100 …\n");
  expect(await counts()).toMatchObject({ failed: 0, queued: 120 });
});

test("with --json, each step is one object", async () => {
  await failed(120);
  const { out, err } = await run(start, ...RERUN, "--yes", "--json");

  expect(
    out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { done: 100, finished: false, cursor: expect.any(String) },
    { done: 120, finished: true, cursor: null },
  ]);
  expect(err).toBe("");
});

test("a script that passes neither --yes nor --dry-run changes nothing", async () => {
  await failed(1);

  expect(await run(start, ...RERUN)).toMatchObject({ code: 2, err: expect.stringContaining("Pass --yes") });
  expect(await counts()).toMatchObject({ failed: 1 });
});

test("on a terminal, the command asks with the number of jobs, and shows a progress bar", async () => {
  await failed(120);
  const refused = startInTerminal(start, RERUN);
  await refused.shows(/Rerun 120 jobs\? \(y\/N\)/);
  refused.type("n\r");
  expect(await refused.ended).toMatchObject({ code: 1, out: expect.stringContaining("Nothing was changed.") });
  expect(await counts()).toMatchObject({ failed: 120 });

  const agreed = startInTerminal(start, RERUN);
  await agreed.shows(/Rerun 120 jobs\?/);
  agreed.type("y\r");
  await agreed.shows(/█.* \d+\/120/);
  expect(await agreed.ended).toMatchObject({ code: 0, out: expect.stringContaining("120 done, looked at 120") });
});

test("nothing is asked if no job matches", async () => {
  const shown = startInTerminal(start, RERUN);

  expect(await shown.ended).toMatchObject({ code: 0, out: expect.stringContaining("No jobs found.") });
});

test("Ctrl-C stops after the current step, and the printed command continues", async () => {
  await failed(250);
  let open: () => void = () => {};
  gate = new Promise((resolve) => {
    open = resolve;
  });
  const stopped = startPiped(start, [...RERUN, "--since", "1h", "--error", "mailbox full", "--yes"]);
  await expect.poll(() => steps, { timeout: 15_000 }).toBe(1);
  stopped.kill("SIGINT");
  open();
  const { code, err } = await stopped.ended;
  expect(code).toBe(130);
  expect(await counts()).toMatchObject({ failed: 150, queued: 100 });

  const printed = /To continue: telltale (.*)/.exec(err)?.[1] ?? "";
  const args = [...printed.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
  expect(await run(start, ...args)).toMatchObject({ code: 0, out: "250 done, looked at 250\n" });
  expect(await counts()).toMatchObject({ failed: 0, queued: 250 });
});

test("a queue is drained, cleaned and obliterated", async () => {
  await failed(3);
  await telltale.mail.submit({ to: "a" });

  expect(await run(start, "drain", "mail", "--yes")).toMatchObject({ code: 0, out: expect.stringMatching(/^1 done/) });
  expect(await run(start, "clean", "mail", "--older-than", "1h", "--dry-run")).toMatchObject({
    out: expect.stringMatching(/^0 found/),
  });
  expect(await run(start, "clean", "mail", "--older-than", "0s", "--yes")).toMatchObject({
    out: expect.stringMatching(/^4 done/),
  });
  expect(await run(start, "obliterate", "mail", "--confirm", "mail")).toMatchObject({
    code: 2,
    err: expect.stringContaining("is not paused"),
  });
  await run(start, "pause", "mail");
  const asked = startInTerminal(start, ["obliterate", "mail"]);
  await asked.shows(/Type its name/);
  asked.type("male\r");
  expect(await asked.ended).toMatchObject({ code: 1, out: expect.stringContaining("Nothing was changed.") });
  expect((await telltale.$queues.list())[0]).toMatchObject({ paused: true });
  expect(await run(start, "obliterate", "mail", "--confirm", "mail")).toMatchObject({ code: 0 });
  expect((await telltale.$queues.list())[0]).toMatchObject({ paused: false });
});

test.each([
  ["an invalid time", [...RERUN, "--since", "noonish"], /Use a time such as/],
  ["an unknown status", ["bulk", "cancel", "--status", "broken"], /Allowed choices/],
  ["an unknown kind", [...RERUN, "--kind", "fax", "--yes"], /No contract has the kind/],
  ["a prefix with a wildcard", [...RERUN, "--id-prefix", "mail_*", "--yes"], /invalid_input/],
  ["a rerun without a status", ["bulk", "rerun", "--yes"], /Name the statuses/],
  ["the cursor of another action", [...RERUN, "--yes", "--cursor", "abc"], /cursor belongs to another/],
])("%s is a usage error", async (_what, args, said) => {
  expect(await run(start, ...args)).toMatchObject({ code: 2, err: expect.stringMatching(said) });
});
