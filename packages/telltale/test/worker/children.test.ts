import { randomUUID } from "node:crypto";
import { createTcpProxy, testRedis, waitFor } from "@telltale/testkit";
import { type AnyJob, defineJob, defineJobs, fixed, handle } from "telltale";
import { createTelltale } from "telltale/server";
import { createWorker } from "telltale/worker";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import type { LeasedJob } from "../../src/queue/scripts/lifecycle/claim.js";
import { anything, brief, double } from "./contracts.js";
import { type Deferred, deferred, type Harness, harness } from "./harness.js";

let redis: Awaited<ReturnType<typeof testRedis>>;
beforeAll(async () => {
  redis = await testRedis();
});
afterAll(() => redis.stop());

/** Claims all waiting children. No worker of these tests runs them. */
async function waitingChildren({ telltale }: Harness): Promise<readonly LeasedJob[]> {
  const scripts = telltale.$engine.scripts("double");
  const claimed: LeasedJob[] = [];
  for (;;) {
    const { jobs } = await scripts.claim({ loop: "l", request: randomUUID(), room: 100, leaseMs: 60_000 });
    if (jobs.length === 0) return claimed;
    claimed.push(...jobs);
  }
}

test("a handler submits a child by its contract or by its kind, and waits for its result", async () => {
  const { telltale, work } = harness(redis.url);
  work([
    handle(double, async ({ input }) => ({ doubled: input.n * 2 })),
    handle(anything, async ({ submit }) => {
      const { doubled } = await (await submit(double, { n: 4 })).output();
      const byName = await (await submit("double", { n: doubled })).output();
      return [doubled, byName];
    }),
  ]);

  const job = await telltale.anything.submit({});

  expect(await job.output()).toEqual([8, { doubled: 16 }]);
});

test("a child belongs to its parent's owner, and its depth is one more than its parent's", async () => {
  const on = harness(redis.url);
  on.work([
    handle(anything, async ({ submit }) => {
      // @ts-expect-error also ignored at run time
      await submit(double, { n: 1 }, { owner: "mallory", tags: ["t"], priority: "high" });
      return null;
    }),
  ]);

  await (await on.telltale.anything.submit({}, { owner: "ann" })).output();
  await (await on.telltale.anything.submit({})).output();

  const children = await waitingChildren(on);
  expect(children.map(({ owner, depth, tags }) => ({ owner, depth, tags }))).toEqual([
    { owner: "ann", depth: 1, tags: ["t"] },
    { owner: null, depth: 1, tags: ["t"] },
  ]);
});

test("a child of an anonymous caller counts for the caller's address, and is not limited", async () => {
  const on = harness(redis.url);
  const { $engine } = on.telltale;
  on.work([
    handle(anything, async ({ submit }) => {
      await submit(double, { n: 1 });
      await submit(double, { n: 2 });
      return null;
    }),
  ]);

  const quota = { account: "address:one", jobs: 1, bytes: 1_000 };
  const { id } = await $engine.submit({ kind: "anything", input: {}, owner: "made up", quota });
  await waitFor(async () => (await $engine.find.read(id))?.status === "completed");

  const counted = { owner: "made up", account: "address:one" };
  expect(await waitingChildren(on)).toMatchObject([counted, counted]);
  const refused = $engine.submit({ kind: "double", input: { n: 1 }, owner: "another", quota });
  await expect(refused).rejects.toMatchObject({ code: "too_many" });
});

test("a retried attempt finds the children of the previous attempt", async () => {
  const on = harness(redis.url);
  const ids: string[][] = [];
  on.work([
    handle(anything, async ({ submit, attempt }) => {
      const same = { n: 7 };
      const children = await Promise.all([submit(double, same), submit(double, same), submit(double, { n: 8 })]);
      ids.push(children.map(({ id }) => id));
      if (attempt < 3) throw new Error("once more");
      return null;
    }),
  ]);

  await (await on.telltale.anything.submit({})).output();

  expect(ids).toHaveLength(3);
  expect(new Set(ids[0]).size).toBe(3);
  expect(ids[1]).toEqual(ids[0]);
  expect(ids[2]).toEqual(ids[0]);
  expect(await waitingChildren(on)).toHaveLength(3);
});

test("concurrent calls are numbered in the order in which they were made", async () => {
  let held: Deferred<void> | null = null;
  const checked = defineJob("checked", {
    input: z.object({ n: z.int() }).refine(async ({ n }) => {
      if (n === 1 && held) await held.promise;
      return true;
    }),
    output: z.null(),
  });
  const parent = defineJob("parent", { input: z.null(), output: z.unknown(), retry: { backoff: fixed(100) } });
  const telltale = createTelltale({
    jobs: defineJobs(checked, parent),
    redis: redis.url,
    prefix: `t${randomUUID().slice(0, 8)}`,
    logger: false,
  });
  onTestFinished(() => telltale[Symbol.asyncDispose]());
  const ids: string[][] = [];
  const handler = handle(parent, async ({ submit, attempt }) => {
    held = attempt === 1 ? deferred() : null;
    const one = submit(checked, { n: 1 });
    const two = submit(checked, { n: 2 });
    // In the first attempt, the second call arrives before the first.
    await two;
    held?.resolve();
    ids.push([(await one).id, (await two).id]);
    if (attempt === 1) throw new Error("once more");
    return null;
  });
  const worker = createWorker({ telltale, handlers: [handler], pollMs: 50, graceMs: 0 });
  onTestFinished(() => worker.stop());

  expect(await (await telltale.parent.submit(null)).result()).toEqual({ ok: true, output: null });

  expect(ids[1]).toEqual(ids[0]);
});

test("a call whose input differs from the previous attempt is rejected, and the error names the existing child", async () => {
  const on = harness(redis.url);
  const ids: string[] = [];
  const refused: unknown[] = [];
  on.work([
    handle(anything, async ({ submit, attempt }) => {
      if (attempt === 2) return submit(double, { n: 2 }).catch((error: unknown) => refused.push(error));
      ids.push((await submit(double, { n: 1 })).id);
      throw new Error("once more");
    }),
  ]);

  await (await on.telltale.anything.submit({})).output();

  expect(refused).toMatchObject([{ code: "idempotency_conflict", data: { id: ids[0] } }]);
  expect(await waitingChildren(on)).toHaveLength(1);
});

test("children with keys are found in any order of submission", async () => {
  const on = harness(redis.url);
  const ids: Record<string, string>[] = [];
  on.work([
    handle(anything, async ({ submit, attempt, job }) => {
      const found: Record<string, string> = {};
      for (const n of attempt === 1 ? [1, 2] : [2, 1]) {
        found[n] = (await submit(double, { n }, { idempotencyKey: `${job.id}.${n}` })).id;
      }
      ids.push(found);
      if (attempt === 1) throw new Error("once more");
      return null;
    }),
  ]);

  await (await on.telltale.anything.submit({})).output();

  expect(ids[1]).toEqual(ids[0]);
  expect(await waitingChildren(on)).toHaveLength(2);
});

test("a rerun of the parent creates new children", async () => {
  const on = harness(redis.url);
  on.work([handle(anything, async ({ submit }) => (await submit(double, { n: 1 })).id)]);
  const job = await on.telltale.anything.submit({});
  const first = await job.output();

  await on.telltale.$engine.rerun(job.id);
  const second = await job.output();

  expect(second).not.toBe(first);
  expect((await waitingChildren(on)).map(({ id }) => id)).toEqual([first, second]);
});

test("a job that keeps submitting itself is stopped at the maximum depth", async () => {
  const on = harness(redis.url);
  const names: string[] = [];
  const refused: unknown[] = [];
  const isOver = deferred();
  on.work([
    handle(anything, async ({ input, submit }) => {
      names.push(input.name);
      await submit(anything, { name: String(Number(input.name) + 1) }).catch((error: unknown) => {
        refused.push(error);
        isOver.resolve();
      });
      return null;
    }),
  ]);

  await on.telltale.anything.submit({ name: "0" });
  await isOver.promise;

  expect(names).toEqual(Array.from({ length: 17 }, (_, n) => String(n)));
  expect(refused).toMatchObject([{ code: "invalid_input" }]);
});

test.for<[string, string | AnyJob, unknown, string]>([
  ["an input that does not match its schema", double, { n: 0.5 }, "invalid_input"],
  ["an input that does not match the schema of a kind given by name", "double", { n: "1" }, "invalid_input"],
  ["an unknown kind", "nope", {}, "unknown_kind"],
  ["a property of every object", "constructor", {}, "unknown_kind"],
])("the handler gets an error for an invalid child: %s", async ([, target, input, code]) => {
  const on = harness(redis.url);
  on.work([
    handle(anything, async ({ submit }) => {
      const refusal: Promise<unknown> =
        typeof target === "string" ? submit(target, input) : submit(target, input as never);
      return refusal.then(
        () => "made",
        (error: unknown) => Reflect.get(Object(error), "code"),
      );
    }),
  ]);

  expect(await (await on.telltale.anything.submit({})).output()).toBe(code);
  expect(await waitingChildren(on)).toEqual([]);
});

test("a handler that continues after its timeout creates no more children", async () => {
  const on = harness(redis.url);
  const late = deferred<unknown>();
  on.work([
    handle(brief, async ({ submit, signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      await waitFor(async () => (await on.telltale.$engine.find.read(id))?.status !== "running");
      await submit(double, { n: 1 }).catch(late.resolve);
    }),
  ]);
  const { id } = await on.telltale.brief.submit({});

  expect(await late.promise).toMatchObject({ code: "lease_lost" });
  expect(await waitingChildren(on)).toEqual([]);
});

test("a child is submitted once Redis is back, even if the first call timed out", async () => {
  const proxy = await createTcpProxy({ target: { path: redis.socketPath } });
  onTestFinished(() => proxy.stop());
  const near = harness(redis.url);
  const far = harness(proxy.url, near.prefix);
  const isOut = deferred();
  far.work(
    [
      handle(anything, async ({ submit, attempt }) => {
        proxy.refuse();
        proxy.cutAll();
        const child = submit(double, { n: 3 });
        isOut.resolve();
        return [attempt, (await child).id];
      }),
    ],
    { leaseMs: 20_000 },
  );
  const job = await near.telltale.anything.submit({});

  await isOut.promise;
  const cutAt = performance.now();
  await waitFor(() => performance.now() - cutAt > 2_300, { what: "a call to be given up" });
  proxy.pass();

  const output = await job.output();
  const [child] = await waitingChildren(near);
  expect(output).toEqual([1, child?.id]);
});
