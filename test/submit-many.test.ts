import { randomBytes } from "node:crypto";
import { createTcpProxy, testRedis } from "@telltale/testkit";
import { initTRPC } from "@trpc/server";
import superjson from "superjson";
import { defineJob, defineJobs, transformer } from "telltale";
import { createClient } from "telltale/client";
import { createGateway } from "telltale/gateway";
import { createTelltale } from "telltale/server";
import { createJobsRouter, telltaleErrorFormatter } from "telltale/trpc";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";

const resize = defineJob("resize", { input: z.object({ width: z.int(), at: z.date().optional() }), output: z.null() });
const jobs = defineJobs(resize);

/** A gateway, and a proxy in front of it. */
async function served() {
  const redis = await testRedis();
  onTestFinished(() => redis.stop());
  const telltale = createTelltale({ jobs, redis: redis.url, prefix: `t${randomBytes(4).toString("hex")}` });
  onTestFinished(() => telltale[Symbol.asyncDispose]());
  const t = initTRPC.create({ transformer: superjson, errorFormatter: telltaleErrorFormatter });
  const options = { procedure: t.procedure, subject: () => ({ id: "u1" }), submit: ["resize"] } as const;
  const router = t.router({ jobs: createJobsRouter(telltale, options) });
  const gateway = createGateway({ router, createContext: () => ({}) });
  onTestFinished(() => gateway.close());
  const { port } = new URL((await gateway.listen(0)).url);
  const proxy = await createTcpProxy({ target: { port: Number(port) } });
  onTestFinished(() => proxy.stop());
  const client = createClient<typeof jobs>({ url: `http://127.0.0.1:${proxy.port}`, router: "jobs" });
  onTestFinished(() => client.close());
  return { telltale, proxy, client };
}

test("submitting 500 jobs over a network that loses answers creates exactly 500 jobs", async () => {
  const { telltale, proxy, client } = await served();
  const lost = ["100123", "100400"].map((width) => proxy.dropReplyOnce({ containing: `"width":${width}` }));

  const outcomes = await client.resize.submitMany(
    Array.from({ length: 500 }, (_, n) => ({ input: { width: 100_000 + n, at: new Date(n) } })),
  );
  await Promise.all(lost);

  const ids = outcomes.map((outcome) => (outcome.ok ? outcome.job.id : outcome.error.code));
  expect(new Set(ids).size).toBe(500);
  const stored = await claimAll(telltale);
  expect(stored.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
  // Answers are in the order of the items, even if some were sent twice.
  const widths = new Map(
    stored.map(({ id, input }) => [id, Reflect.get(Object(transformer.deserialize(JSON.parse(input))), "width")]),
  );
  expect(ids.map((id) => widths.get(id))).toEqual(ids.map((_, n) => 100_000 + n));
});

test("items near the maximum size fit into the gateway's body limit", async () => {
  const { client } = await served();

  const outcomes = await client.resize.submitMany(
    Array.from({ length: 12 }, (_, width) => ({ input: { width, padding: "x".repeat(262_000) } })),
  );

  expect(outcomes.map(({ ok }) => ok)).toEqual(Array.from({ length: 12 }, () => true));
});

test("an invalid input is refused with the path of the error, and the other items are submitted", async () => {
  const { client } = await served();

  const outcomes = await client.resize.submitMany(
    Array.from({ length: 80 }, (_, n) => ({ input: { width: n === 33 ? 0.5 : n } })),
  );

  expect(outcomes.filter(({ ok }) => ok)).toHaveLength(79);
  expect(outcomes[33]).toMatchObject({ error: { code: "invalid_input", data: { issues: [{ path: ["width"] }] } } });
});

async function claimAll({
  $engine,
}: Awaited<ReturnType<typeof served>>["telltale"]): Promise<{ id: string; input: string }[]> {
  const claimed: { id: string; input: string }[] = [];
  for (let n = 0; ; n++) {
    const request = { loop: "l", request: `r${n}`, room: 100, leaseMs: 60_000 };
    const { jobs } = await $engine.scripts("resize").claim(request);
    if (jobs.length === 0) return claimed;
    claimed.push(...jobs);
  }
}
