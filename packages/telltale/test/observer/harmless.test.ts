import { randomUUID } from "node:crypto";
import { testRedis, waitFor } from "@telltale/testkit";
import { defineJob, defineJobs, handle, type Logger, type Observer } from "telltale";
import { createTelltale } from "telltale/server";
import { createWorker } from "telltale/worker";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { recorder } from "./recorder.js";

let redis: Awaited<ReturnType<typeof testRedis>>;
beforeAll(async () => {
  redis = await testRedis();
});
afterAll(() => redis.stop());

const count = defineJob("count", {
  input: z.number(),
  progress: z.number(),
  output: z.number(),
  retry: { attempts: 1 },
});
const jobs = defineJobs(count);

const harmful: readonly [string, Observer][] = [
  [
    "throws",
    () => {
      throw new Error("canary: the observer is broken");
    },
  ],
  [
    "throws a proxy whose traps throw",
    () => {
      throw new Proxy(
        {},
        {
          get: () => {
            throw new Error("canary");
          },
        },
      );
    },
  ],
  ["rejects", async () => Promise.reject(new Error("canary: the observer is broken"))],
  ["changes the event", (event) => void Object.assign(event, { type: "nothing", id: "canary" })],
];

test.for(harmful)(
  "an observer that %s breaks nothing: jobs complete, watchers get everything, and so do other observers",
  async ([, observer]) => {
    const lines: [string, object][] = [];
    const log = (data: object, message: string): void => void lines.push([message, data]);
    const logger: Logger = { debug: log, info: log, warn: log, error: log };
    const rejected = vi.fn();
    process.on("unhandledRejection", rejected);
    const told = recorder();
    const prefix = `t${randomUUID().slice(0, 8)}`;
    await using telltale = createTelltale({
      jobs,
      redis: redis.url,
      prefix,
      logger,
      observer: [told.observer, observer],
    });
    const handler = handle(count, async ({ input, progress }) => {
      progress(input);
      return input + 1;
    });
    await using worker = createWorker({ telltale, handlers: [handler], pollMs: 50, graceMs: 0 });

    const submitted = await Promise.all([1, 2, 3].map((n) => telltale.count.submit(n)));
    const seen = await Promise.all(
      submitted.map(async (job) => {
        const statuses: string[] = [];
        for await (const { status } of job.watch()) if (statuses.at(-1) !== status) statuses.push(status);
        return statuses;
      }),
    );

    expect(seen).toEqual(submitted.map(() => ["queued", "running", "completed"]));
    await waitFor(() => told.of("job.ended").length === 3);
    expect(worker.liveness.lastClaimAt).not.toBeNull();
    const complaints = lines.filter(([message]) => message.startsWith("an observer threw"));
    expect(complaints).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toContain("canary");
    process.off("unhandledRejection", rejected);
    expect(rejected).not.toHaveBeenCalled();
  },
);

test("a worker's own observer gets the worker's events, and telltale's observer all others", async () => {
  const [whole, own] = [recorder(), recorder()];
  const prefix = `t${randomUUID().slice(0, 8)}`;
  await using telltale = createTelltale({ jobs, redis: redis.url, prefix, logger: false, observer: whole.observer });
  const handlers = [handle(count, async ({ input }) => input)];
  await using _worker = createWorker({ telltale, handlers, pollMs: 50, graceMs: 0, observer: own.observer });

  await (await telltale.count.submit(1)).result();
  await own.first("job.ended");

  expect(whole.of("job.submitted")).toHaveLength(1);
  expect(whole.of("job.ended")).toEqual([]);
  expect(own.of("job.submitted")).toEqual([]);
});
