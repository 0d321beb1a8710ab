import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import { defineJob, defineJobs } from "telltale";
import { createTelltale } from "telltale/server";
import type { Subject } from "telltale/trpc";
import { describe, expect, onTestFinished } from "vitest";
import { z } from "zod";
import type { Sink } from "../../src/trpc/sink.js";
import { ann, bob, callerFor, refusal, root, test } from "./harness.js";

const job = { kind: "echo", input: { text: "hi" } } as const;
const later = { ...job, options: { delayMs: 60_000 } } as const;

function from(address: string): Sink {
  return {
    transport: "http",
    address,
    identify: () => {},
    writable: () => true,
    drained: () => Promise.resolve(),
    admit: () => () => {},
  };
}

describe("outstanding jobs of one subject", () => {
  test("a subject at its limit of unfinished jobs gets too_many, and nothing is stored; other subjects can still submit", async ({
    h,
  }) => {
    const as = callerFor(h.telltale, { outstanding: { jobs: 2 } });
    await as(ann).submit(job);
    await as(ann).submit(later);

    const refused = await refusal(as(ann).submit(job));

    expect(refused).toMatchObject({ code: "TOO_MANY_REQUESTS", cause: "too_many" });
    expect(refused.message).toContain("at most 2 unfinished jobs");
    expect((await as(ann).list({})).jobs).toHaveLength(2);
    await as(bob).submit(job);
  });

  test("a subject may submit again after a job has completed, failed or was cancelled", async ({ h }) => {
    const as = callerFor(h.telltale, { outstanding: { jobs: 1 } });
    const ends = [
      (id: string) => h.finish(id),
      (id: string) => h.breakDown(id, "detail"),
      (id: string) => as(ann).cancel({ id }),
    ];
    for (const end of ends) {
      const { id } = await as(ann).submit(job);
      expect((await refusal(as(ann).submit(job))).cause).toBe("too_many");
      await end(id);
    }
    await as(ann).submit(job);
  });

  test("a repeated submit finds its job even at the limit", async ({ h }) => {
    const as = callerFor(h.telltale, { outstanding: { jobs: 1 } });
    const keyed = { ...job, options: { idempotencyKey: "k" } };
    const { id } = await as(ann).submit(keyed);

    expect((await as(ann).submit(keyed)).id).toBe(id);
  });

  test("a rerun job counts again", async ({ h }) => {
    const as = callerFor(h.telltale, { outstanding: { jobs: 1 } });
    const { id } = await as(ann).submit(job);
    await h.finish(id);
    await as(root).rerun({ id });

    expect((await refusal(as(ann).submit(job))).cause).toBe("too_many");
  });

  describe("reruns by owners whom the application lets rerun", () => {
    const authorize = () => true;

    test("count like submits, and are refused at the limit of jobs", async ({ h }) => {
      const as = callerFor(h.telltale, { outstanding: { jobs: 1 }, authorize });
      const { id } = await as(ann).submit(job);
      await h.finish(id);
      const next = await as(ann).submit(later);

      const refused = await refusal(as(ann).rerun({ id }));
      expect(refused).toMatchObject({ code: "TOO_MANY_REQUESTS", cause: "too_many" });
      expect(refused.message).toContain("at most 1 unfinished jobs");
      expect(await as(ann).rerun({ ids: [id] })).toMatchObject([{ id, error: { code: "too_many" } }]);
      expect(await as(ann).get({ id })).toMatchObject({ status: "completed" });
      expect(await as(root).rerun({ id })).toEqual({ id, status: "queued" });
      await as(ann).cancel({ id });
      await as(ann).cancel({ id: next.id });
      expect(await as(ann).rerun({ id })).toEqual({ id, status: "queued" });
    });

    test("are refused at the limit of bytes, and per minute", async ({ h }) => {
      const as = callerFor(h.telltale, { outstanding: { bytes: 1_000 }, submitsPerMinute: 4, authorize });
      const big = { kind: "echo", input: { text: "x".repeat(600) } } as const;
      const { id } = await as(ann).submit(big);
      await h.finish(id);
      const next = await as(ann).submit(big);

      expect((await refusal(as(ann).rerun({ id }))).message).toContain("1000 bytes");
      await as(ann).cancel({ id: next.id });
      await as(ann).rerun({ id });
      await as(ann).cancel({ id });
      expect((await refusal(as(ann).rerun({ id }))).message).toContain("4 submits per minute");
    });
  });

  test("the bytes of unfinished inputs count", async ({ h }) => {
    const as = callerFor(h.telltale, { outstanding: { bytes: 1_000 } });
    const big = { kind: "echo", input: { text: "x".repeat(600) } } as const;
    await as(ann).submit(big);

    const refused = await refusal(as(ann).submit(big));

    expect(refused.cause).toBe("too_many");
    expect(refused.message).toContain("1000 bytes");
    await as(ann).submit(job);
  });

  test("each job of a submitMany counts, and those over the limit are refused one by one", async ({ h }) => {
    const as = callerFor(h.telltale, { outstanding: { jobs: 2 } });

    const answers = await as(ann).submitMany([job, job, job]);

    expect(answers.map((answer) => ("error" in answer ? answer.error.code : "ok"))).toEqual(["ok", "ok", "too_many"]);
  });

  test("jobs that the server submits for a subject count for it, but are not limited", async ({ h }) => {
    const as = callerFor(h.telltale, { outstanding: { jobs: 1 } });
    await h.telltale.echo.submit({ text: "a" }, { owner: "ann" });
    await h.telltale.echo.submit({ text: "b" }, { owner: "ann" });

    expect((await refusal(as(ann).submit(job))).cause).toBe("too_many");
  });

  test.for<[string, Partial<Subject>]>([
    ["transient", { isTransient: true }],
    ["anonymous", { isAnonymous: true }],
  ])("%s subjects count by their address, and so do their submits per minute", async ([, kind], { h }) => {
    const as = callerFor(h.telltale, { outstanding: { jobs: 1 }, submitsPerMinute: 3 });
    const submit = (id: string, address: string) => as({ id, ...kind }, undefined, from(address)).submit(job);
    await submit("one", "192.0.2.1");

    expect((await refusal(submit("two", "192.0.2.1"))).message).toContain("unfinished jobs");
    await submit("three", "192.0.2.2");
    await refusal(submit("four", "192.0.2.1"));
    expect((await refusal(submit("five", "192.0.2.1"))).message).toContain("3 submits per minute");
  });

  test("an owner whose jobs have ended leaves nothing in Redis", async ({ h, server }) => {
    const redis = new Redis(server.url);
    const { id } = await h.as(ann).submit(job);
    const key = `${h.telltale.$engine.prefix}:{echo}:outstanding`;
    expect(await redis.hgetall(key)).toEqual({ "jobs:ann": "1", "bytes:ann": expect.any(String) });

    await h.finish(id);

    expect(await redis.exists(key)).toBe(0);
    redis.disconnect();
  });

  test.for<[{ jobs?: number; bytes?: number; bites?: number }, string]>([
    [{ jobs: 0 }, "outstanding.jobs must be"],
    [{ bytes: 1.5 }, "outstanding.bytes must be"],
    [{ bites: 3 }, "createJobsRouter: outstanding"],
  ])("an outstanding limit of %o is refused by name", ([outstanding, name], { h }) => {
    expect(() => callerFor(h.telltale, { outstanding })).toThrow(
      expect.objectContaining({ code: "invalid_config", message: expect.stringContaining(name) }),
    );
  });
});

describe("options that callers may use", () => {
  test("a submit without a priority gets one that the router permits", async ({ h }) => {
    const { id } = await callerFor(h.telltale, { priorities: ["low"] })(ann).submit(job);

    expect(await h.telltale.$engine.find.detail(id)).toMatchObject({ priority: "low" });
  });

  test("a submit keeps a permitted priority, also if the router does not permit the default one", async ({ h }) => {
    const as = callerFor(h.telltale, { priorities: ["high", "low"] });

    const { id } = await as(ann).submit({ ...job, options: { priority: "low" } });

    expect(await h.telltale.$engine.find.detail(id)).toMatchObject({ priority: "low" });
  });

  test("a submit without a priority gets the default one if the router permits it, wherever it lists it", async ({
    h,
  }) => {
    const { id } = await callerFor(h.telltale, { priorities: ["low", "normal"] })(ann).submit(job);

    expect(await h.telltale.$engine.find.detail(id)).toMatchObject({ priority: "normal" });
  });

  test.for(["urgent", "high"] as const)(
    "the priority %s is refused unless the router permits it",
    async (priority, { h }) => {
      const urgent = { ...job, options: { priority } };

      const refused = await refusal(h.as(ann).submit(urgent));

      expect(refused).toMatchObject({ code: "BAD_REQUEST", cause: "invalid_input" });
      expect(refused.message).toContain('Use "normal" or "low"');
      await callerFor(h.telltale, { priorities: [priority] })(ann).submit(urgent);
    },
  );

  test("a job can be scheduled 30 days ahead, and no further unless the router permits it", async ({ h }) => {
    const day = 86_400_000;
    for (const options of [{ delayMs: 31 * day }, { runAt: new Date(Date.now() + 31 * day) }]) {
      const refused = await refusal(h.as(ann).submit({ ...job, options }));
      expect(refused.cause).toBe("invalid_input");
      expect(refused.message).toMatch(/at most 30d ahead$/);
      await callerFor(h.telltale, { maxDelay: "40d" })(ann).submit({ ...job, options });
    }
    await h.as(ann).submit({ ...job, options: { delayMs: 30 * day } });
  });

  test("a refused option is named, with the limit, and one millisecond too much is refused", async ({ h }) => {
    const as = callerFor(h.telltale, { maxDelay: 5_000 });
    const refusedWith = (options: object): Promise<unknown> =>
      as(ann)
        .submit({ ...job, options })
        .then(
          () => null,
          (error: unknown) => error,
        );
    const naming = (option: string, message: RegExp) => ({
      message: expect.stringMatching(message),
      cause: {
        code: "invalid_input",
        data: { issues: [expect.objectContaining({ path: ["options", option], code: "custom" })] },
      },
    });

    expect(await refusedWith({ delayMs: 5_000 })).toBeNull();
    expect(await refusedWith({ delayMs: 5_001 })).toMatchObject(naming("delay", /at most 5000 ms ahead/));
    expect(await refusedWith({ runAt: new Date(Date.now() + 60_000) })).toMatchObject(naming("runAt", /5000 ms/));
    expect(await refusedWith({ priority: "high" })).toMatchObject(naming("priority", /priority "high"/));
    expect(await refusedWith({ runAt: new Date(0), priority: "low" })).toBeNull();
  });

  test("a refused submit does not count towards the submits per minute", async ({ h }) => {
    const as = callerFor(h.telltale, { submitsPerMinute: 1 });
    await refusal(as(ann).submit({ ...job, options: { priority: "urgent" } }));

    await as(ann).submit(job);
  });

  test("the application's own authorize function gets the options", async ({ h }) => {
    const as = callerFor(h.telltale, {
      priorities: ["urgent", "normal"],
      authorize: ({ action, options, subject }) =>
        action !== "submit" || options?.priority !== "urgent" || subject?.operator === true,
    });
    const urgent = { ...job, options: { priority: "urgent" } } as const;

    expect((await refusal(as(ann).submit(urgent))).cause).toBe("forbidden");
    await as(root).submit(urgent);
    await as(ann).submit(job);
  });

  test.for([0, 0.1])("a reserve of %d is accepted", (reserve, { h }) => {
    expect(() => callerFor(h.telltale, { reserve })).not.toThrow();
  });

  test.for([{ priorities: [] }, { priorities: ["low", "now"] as "low"[] }, { maxDelay: "soon" as "1s" }])(
    "%o is refused",
    (options, { h }) => {
      expect(() => callerFor(h.telltale, options)).toThrow(expect.objectContaining({ code: "invalid_config" }));
    },
  );

  test.for([1, 0.11, -0.1, Number.NaN])("a reserve of %d is refused", (reserve, { h }) => {
    expect(() => callerFor(h.telltale, { reserve })).toThrow(expect.objectContaining({ code: "invalid_config" }));
  });
});

test("callers leave a part of Redis's memory to the application", async ({ h, server }) => {
  const redis = new Redis(server.url);
  const limit = async (part: number): Promise<void> => {
    const used = Number(/used_memory:(\d+)/.exec(await redis.info("memory"))?.[1]);
    await redis.config("SET", "maxmemory", Math.round(used / part));
  };
  onTestFinished(async () => {
    await redis.config("SET", "maxmemory", 0);
    redis.disconnect();
  });
  await limit(0.95);

  expect(await refusal(h.as(ann).submit(job))).toMatchObject({ code: "SERVICE_UNAVAILABLE", cause: "redis_full" });
  await h.telltale.echo.submit({ text: "the application's own" });
  await callerFor(h.telltale, { reserve: 0 })(ann).submit(job);
});

describe("limits by owner", () => {
  const render = defineJob("render", {
    input: z.object({}),
    output: z.object({}),
    limits: { concurrency: { key: (_, { owner }) => owner ?? "server", max: 1 } },
  });
  const jobs = defineJobs(render);

  test("another owner's job starts next, however many one owner has waiting", async ({ server }) => {
    await using telltale = createTelltale({
      jobs,
      redis: server.url,
      prefix: `t${randomBytes(4).toString("hex")}`,
    });
    for (let i = 0; i < 300; i++) await telltale.render.submit({}, { owner: "ann" });
    const other = await telltale.render.submit({}, { owner: "bob" });

    const { jobs: claimed } = await telltale.$engine
      .scripts("render")
      .claim({ loop: "l", request: "r", room: 10, leaseMs: 1_000 });

    expect(claimed.map(({ owner }) => owner)).toEqual(["ann", "bob"]);
    expect(claimed[1]?.id).toBe(other.id);
  });
});
