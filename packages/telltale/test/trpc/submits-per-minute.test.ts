import { Redis } from "ioredis";
import { createTelltale } from "telltale/server";
import { expect } from "vitest";
import { ann, bob, callerFor, jobs, refusal, test } from "./harness.js";

const job = { kind: "echo", input: { text: "hi" } } as const;

test("a subject that has used up its submits of a minute is refused with too_many by every server, but others are not", async ({
  h,
  server,
}) => {
  await using another = createTelltale({ jobs, redis: server.url, prefix: h.telltale.$engine.prefix });
  const here = callerFor(h.telltale, { submitsPerMinute: 3 });
  const there = callerFor(another, { submitsPerMinute: 3 });
  await here(ann).submit(job);
  await there(ann).submitMany([job, job]);

  const refused = await refusal(here(ann).submit(job));

  expect(refused).toMatchObject({ code: "TOO_MANY_REQUESTS", cause: "too_many" });
  await here(bob).submit(job);
});

test("a minute begins with the first submit, and further submits do not extend it", async ({ h, server }) => {
  const asAnn = callerFor(h.telltale, { submitsPerMinute: 2 })(ann);
  const redis = new Redis(server.url);
  await asAnn.submit(job);
  const [key = ""] = await redis.keys(`${h.telltale.$engine.prefix}:{submits:*`);
  expect(await redis.pttl(key)).toBeGreaterThan(0);

  // Twenty seconds of the minute are left.
  await redis.pexpire(key, 20_000);
  await asAnn.submit(job);
  expect(await redis.pttl(key)).toBeLessThanOrEqual(20_000);
  const refused: unknown = await asAnn.submit(job).catch((error: unknown) => error);
  expect(refused).toMatchObject({ cause: { code: "too_many", data: { retryInMs: expect.any(Number) } } });
  const { retryInMs } = (refused as { cause: { data: { retryInMs: number } } }).cause.data;
  expect(retryInMs).toBeGreaterThan(0);
  expect(retryInMs).toBeLessThanOrEqual(20_000);

  // The minute is over.
  await redis.del(key);
  await asAnn.submit(job);
  redis.disconnect();
});

test("a submitMany that exceeds the submits of a minute stores nothing", async ({ h }) => {
  const asAnn = callerFor(h.telltale, { submitsPerMinute: 2 })(ann);

  const refused = await refusal(asAnn.submitMany([job, job, job]));

  expect(refused.cause).toBe("too_many");
  const scripts = h.telltale.$engine.scripts("echo");
  expect((await scripts.claim({ loop: "l", request: "r", room: 9, leaseMs: 1_000 })).jobs).toEqual([]);
});

test.for([0, -1, 1.5, Number.NaN])("submitsPerMinute: %d is refused", (submitsPerMinute, { h }) => {
  expect(() => callerFor(h.telltale, { submitsPerMinute })).toThrow(
    expect.objectContaining({ code: "invalid_config" }),
  );
});
