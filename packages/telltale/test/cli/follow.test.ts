import { testRedis } from "@telltale/testkit";
import { initTRPC } from "@trpc/server";
import { defineJob, defineJobs, handle, transformer } from "telltale";
import { createGateway } from "telltale/gateway";
import { createTelltale } from "telltale/server";
import { createJobsRouter } from "telltale/trpc";
import { createWorker } from "telltale/worker";
import { expect, test } from "vitest";
import { z } from "zod";
import type { Display } from "../../src/cli/display/display.js";
import { follow } from "../../src/cli/follow.js";
import { connect } from "../../src/cli/server/connection.js";

const greet = defineJob("greet", { input: z.object({ name: z.string() }), output: z.string() });
const jobs = defineJobs(greet);

test("while a watched job stays queued, the command suggests once to check for a running worker, and then shows the job's progress", async () => {
  await using redis = await testRedis();
  await using telltale = createTelltale({ jobs, redis: redis.url });
  const t = initTRPC.create({ transformer });
  const router = createJobsRouter(telltale, {
    procedure: t.procedure,
    subject: () => ({ id: "ann" }),
    submit: ["greet"],
  });
  await using gateway = createGateway({ router: t.router({ jobs: router }), createContext: () => ({}) });
  const { url } = await gateway.listen(0);
  // Connects like the command, which does not know the contracts.
  await using connection = await connect({ url, token: "none", router: "jobs" });
  const job = await connection.kind("greet").submit({ name: "Ann" });

  const shown: string[] = [];
  let onNotice = (): void => {};
  const asked = new Promise<void>((resolve) => {
    onNotice = resolve;
  });
  const display: Display = {
    event: ({ status }) => void shown.push(status),
    notice: (text) => {
      shown.push(text);
      onNotice();
    },
    ...{ chunk() {}, connected() {}, pause() {}, resume() {}, close() {} },
  };
  const { signal } = new AbortController();
  const following = follow(job, { display, signal, patienceMs: 60_000, queuedMs: 1 });
  await asked;
  await using _worker = createWorker({ telltale, handlers: [handle(greet, async ({ input }) => input.name)] });

  expect(await following).toBe("completed");
  expect(shown).toEqual(["queued", "still queued: is a worker running?", "running", "completed"]);
});
