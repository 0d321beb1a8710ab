import { randomUUID } from "node:crypto";
import { createClock, testRedis, waitFor } from "@telltale/testkit";
import { defineJob, defineJobs, handle, hasCode, type JobHandle } from "telltale";
import { createTelltale } from "telltale/server";
import { createWorker } from "telltale/worker";
import { expect, test } from "vitest";
import { z } from "zod";

const echo = defineJob("echo", { input: z.object({ text: z.string() }), output: z.object({ text: z.string() }) });
const jobs = defineJobs(echo);
const text = "x".repeat(20_000);
/** Many more than fit. */
const MANY = 1_000;

test("a full Redis accepts new jobs again once finished ones are a minute old, and loses none before", async () => {
  await using server = await testRedis({ config: { maxmemory: "8mb" } });
  const clock = createClock();
  const prefix = `t${randomUUID().slice(0, 8)}`;
  await using telltale = createTelltale({ jobs, redis: server.url, prefix, clock: clock.now, logger: false });
  const echoHandler = handle(echo, async ({ input }) => input);
  await using worker = createWorker({ telltale, handlers: [echoHandler], leaseMs: 3_000, pollMs: 20 });
  const taken: JobHandle<typeof echo>[] = [];
  let refusal: unknown;
  for (let i = 0; i < MANY && refusal === undefined; i++) {
    await telltale.echo.submit({ text }).then(
      (job) => taken.push(job),
      (error: unknown) => {
        refusal = error;
      },
    );
  }
  expect(hasCode(refusal, "redis_full")).toBe(true);
  for (const job of taken) expect(await job.output()).toEqual({ text });

  clock.advance(61_000);

  const job = await waitFor(() => telltale.echo.submit({ text }).catch(() => null), { what: "room for a job" });
  expect(await job.output()).toEqual({ text });
  await waitFor(() => worker.liveness.running === 0, { what: "an idle worker" });
});
