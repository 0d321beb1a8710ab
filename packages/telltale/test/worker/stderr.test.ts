import { createTcpProxy, testRedis, waitFor } from "@telltale/testkit";
import { defineJob, defineJobs, fixed, handle } from "telltale";
import { createTelltale } from "telltale/server";
import { createWorker, type WorkerOptions } from "telltale/worker";
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { type Logged, memoryLogger } from "./harness.js";

// The output of a process without a logger.

let redis: Awaited<ReturnType<typeof testRedis>>;
beforeAll(async () => {
  redis = await testRedis();
});
afterAll(() => redis.stop());

let lines: string[];
beforeEach(() => {
  lines = [];
  vi.spyOn(console, "error").mockImplementation((line) => void lines.push(String(line)));
});
afterEach(() => {
  vi.restoreAllMocks();
});

const mail = defineJob("mail", {
  input: z.object({ to: z.string() }),
  output: z.null(),
  errors: { bounced: z.object({}) },
  retry: { attempts: 2, backoff: fixed(100) },
});
const jobs = defineJobs(mail);
const INPUT = { to: "canary@example.com" };

function start(handler: WorkerOptions["handlers"][number], options: { logger?: false } = {}) {
  const telltale = createTelltale({
    jobs,
    redis: redis.url,
    prefix: `t${Math.random().toString(36).slice(2)}`,
    ...options,
  });
  onTestFinished(() => telltale[Symbol.asyncDispose]());
  const worker = createWorker({ telltale, handlers: [handler], pollMs: 20, graceMs: 0 });
  onTestFinished(() => worker.stop());
  return telltale;
}

test("every failure of a handler is logged with its job, its stack, and whether it is retried", async () => {
  const telltale = start(
    handle(mail, async function sendMail() {
      throw new Error("the mail server is away", { cause: new Error("ECONNREFUSED") });
    }),
  );

  const job = await telltale.mail.submit(INPUT);
  await job.result();

  const [first = "", second = ""] = await waitFor(() => (lines.length >= 2 ? lines : null));
  expect(first.split("\n")[0]).toMatch(
    `telltale warn  attempt failed; the job will be retried kind=mail id=${job.id} attempt=1 code=handler_error retryInMs=`,
  );
  expect(second.split("\n")[0]).toBe(
    `telltale error job failed kind=mail id=${job.id} attempt=2 code=handler_error attempts=2`,
  );
  for (const line of [first, second]) {
    expect(line).toMatch(/\n {4}Error: the mail server is away\n {8}at .*sendMail .*stderr\.test\.ts/);
    expect(line).toContain("\n    caused by Error: ECONNREFUSED");
  }
  expect(lines.join()).not.toContain("canary");
});

test("the message of an error cannot forge a log line", async () => {
  const telltale = start(
    handle(mail, async () => {
      throw new Error("no\ntelltale error all jobs were lost\u001b[2J");
    }),
  );

  await (await telltale.mail.submit(INPUT)).result();

  const told = await waitFor(() => (lines.length >= 2 ? lines : null));
  expect(
    told
      .join("\n")
      .split("\n")
      .filter((line) => line.startsWith("telltale")),
  ).toHaveLength(2);
  expect(told.join()).not.toContain("\u001b");
});

test("retryAfter without attempts left logs that, and what to change", async () => {
  const telltale = start(
    handle(mail, async ({ retryAfter }) => {
      throw retryAfter("20ms");
    }),
  );

  const job = await telltale.mail.submit(INPUT);

  expect(await job.result()).toMatchObject({ ok: false, error: { code: "handler_error" } });
  await waitFor(() => lines.length >= 2);
  expect(lines[0]).toContain("attempt failed; the job will be retried");
  expect(lines[1]).toContain(
    `retryAfter had no effect because no attempts are left; raise \`retry.attempts\` in the contract kind=mail id=${job.id} attempt=2`,
  );
  const { errors } = await telltale.$engine.find.detail(job.id).then((detail) => ({ errors: JSON.stringify(detail) }));
  expect(errors).toContain("attempt 2 of 2 was the last");
});

test("an error that the contract declares is a result and is not logged", async () => {
  const telltale = start(
    handle(mail, async ({ fail }) => {
      throw fail("bounced", {});
    }),
  );

  expect(await (await telltale.mail.submit(INPUT)).result()).toMatchObject({ error: { code: "bounced" } });

  expect(lines).toEqual([]);
});

test("`logger: false` silences the worker too", async () => {
  const telltale = start(
    handle(mail, async () => {
      throw new Error("no");
    }),
    { logger: false },
  );

  await (await telltale.mail.submit(INPUT)).result();

  expect(lines).toEqual([]);
});

test("a process that waits for Redis logs that within two seconds and every ten seconds, whether it is refused or gets no reply", async () => {
  await using silent = await createTcpProxy({ target: { path: redis.socketPath } });
  silent.blackhole();
  const from = performance.now();
  const places = [silent.url, "redis://user:s3cret@127.0.0.1:1"].map((url) => {
    const told: { at: number; data: Readonly<Record<string, unknown>> }[] = [];
    const logger = {
      ...memoryLogger([]),
      warn: (data: Readonly<Record<string, unknown>>) => void told.push({ at: performance.now() - from, data }),
    };
    const telltale = createTelltale({ jobs, redis: url, logger });
    onTestFinished(() => telltale[Symbol.asyncDispose]());
    return told;
  });

  await waitFor(() => places.every((told) => told.length >= 2), { timeoutMs: 15_000 });

  for (const [first, second] of places) {
    expect(first?.at).toBeLessThan(2_000);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(9_000);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeLessThan(10_500);
  }
  expect(places[1]?.[0]?.data).toMatchObject({ address: "127.0.0.1:1", error: "connect ECONNREFUSED 127.0.0.1:1" });
  expect(JSON.stringify(places)).not.toContain("s3cret");
});

test("the log lines for a rediss:// URL of a Redis without TLS, and for a wrong password, say what to check", async () => {
  await using proxy = await createTcpProxy({ target: { path: redis.socketPath } });
  const urls = [proxy.url.replace("redis:", "rediss:"), proxy.url.replace("redis://", "redis://user:s3cret@")];
  const [tls = [], password = []] = urls.map((url) => {
    const logged: Logged[] = [];
    const telltale = createTelltale({ jobs, redis: url, logger: memoryLogger(logged) });
    onTestFinished(() => telltale[Symbol.asyncDispose]());
    return logged;
  });

  await waitFor(() => tls.length > 0 && password.length > 0);

  const error = expect.stringContaining("if this Redis does not use TLS, write redis:// instead of rediss://");
  expect(tls[0]).toMatchObject({ message: "waiting for redis", data: { error } });
  expect(password[0]).toMatchObject({
    message: "waiting for redis; check its address and its credentials",
    data: { error: expect.stringMatching(/^WRONGPASS/) },
  });
});
