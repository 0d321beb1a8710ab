import { changeRecord } from "@telltale/testkit";
import { expect } from "vitest";
import { NO_LIMITS } from "../../src/queue/record/queue-limits.js";
import { claimAll, claimOne, type Harness, OUTPUT, test } from "./harness.js";

const MANY = 1_500;

/** Submits jobs of the priority `normal`, in this order. */
function submit({ telltale }: Harness, count: number): Promise<string[]> {
  return Promise.all(Array.from({ length: count }, async () => (await telltale.resize.submit({ width: 1 })).id));
}

async function cancel({ scripts }: Harness, ids: readonly string[]): Promise<void> {
  await Promise.all(ids.map((id) => scripts.cancel(id)));
}

async function compactAll({ scripts }: Harness): Promise<number> {
  let removed = 0;
  for (let more = true; more; ) {
    const step = await scripts.compact();
    removed += step.removed;
    more = step.more;
  }
  return removed;
}

/** Claims all jobs, in the order in which they wait. */
async function drain({ scripts }: Harness): Promise<string[]> {
  const ids: string[] = [];
  for (let more = true; more; ) {
    const claimed = await scripts.claim({
      loop: "drain",
      request: `d${ids.length}.${Math.random()}`,
      room: 100,
      leaseMs: 30_000,
    });
    ids.push(...claimed.jobs.map(({ id }) => id));
    more = claimed.more;
  }
  return ids;
}

const waiting = ({ redis, prefix }: Harness): Promise<number> => redis.llen(`${prefix}:{resize}:waiting:normal`);

test("submitting and cancelling without end does not fill the Redis of a paused queue", async ({ h }) => {
  await h.scripts.pause();
  const [first] = await submit(h, 1);

  for (let round = 0; round < 2; round++) {
    await cancel(h, await submit(h, MANY));
    expect(await compactAll(h)).toBe(MANY);
  }

  expect(await waiting(h)).toBe(1);
  await h.scripts.resume();
  expect(await drain(h)).toEqual([first]);
});

test("jobs that wait among many cancelled ones keep their order, also those that were submitted meanwhile", async ({
  h,
}) => {
  const ids = await submit(h, MANY);
  const live = ids.filter((_, i) => i % 100 === 0);
  await cancel(
    h,
    ids.filter((id) => !live.includes(id)),
  );

  expect(await h.scripts.compact()).toEqual({ removed: 0, more: true });
  const later = await submit(h, 3);
  await compactAll(h);

  expect(await waiting(h)).toBe(live.length + later.length);
  expect(await drain(h)).toEqual([...live, ...later]);
});

test("jobs that are started and given back while ids are removed are not lost", async ({ h }) => {
  const ids = await submit(h, MANY);
  const live = ids.filter((_, i) => i % 100 === 0);
  await cancel(
    h,
    ids.filter((id) => !live.includes(id)),
  );
  const running = [await claimOne(h.scripts), await claimOne(h.scripts)];

  await h.scripts.compact();
  const taken = [await claimOne(h.scripts), await claimOne(h.scripts)];
  await h.scripts.release([...taken, ...running]);
  await compactAll(h);
  await compactAll(h);

  expect((await drain(h)).toSorted()).toEqual(live.toSorted());
});

test("a job that was cancelled and rerun a thousand times while it waited waits once", async ({ h }) => {
  const [id = ""] = await submit(h, 1);
  for (let round = 1; round <= 1_100; round++) {
    await h.scripts.cancel(id);
    await h.scripts.rerun(id, round);
  }

  await compactAll(h);
  await compactAll(h);

  // Once for each thousand entries that were looked at.
  expect(await waiting(h)).toBe(2);
  expect(await drain(h)).toEqual([id]);
});

test("no job is lost when a job that waits a thousand times is started while ids are removed", async ({ h }) => {
  const [often = ""] = await submit(h, 1);
  const rerun = async (from: number, to: number): Promise<void> => {
    for (let round = from; round < to; round++) {
      await h.scripts.cancel(often);
      await h.scripts.rerun(often, round);
    }
  };
  await rerun(1, 1_100);
  const others = await submit(h, 10);
  await rerun(1_100, 1_400);
  // The lists of the other priorities, then a part of this one.
  for (let call = 0; call < 3; call++) expect(await h.scripts.compact()).toMatchObject({ more: true });

  expect((await claimOne(h.scripts)).id).toBe(often);
  await h.scripts.claim({ loop: "l", request: "r", room: 1, leaseMs: 30_000 });
  await compactAll(h);

  expect(await drain(h)).toEqual(others);
});

test("few cancelled jobs, or fewer than wait, are not worth the work", async ({ h }) => {
  const [some, others] = [await submit(h, 1_200), await submit(h, 1_300)];
  await cancel(h, some);

  expect(await h.scripts.compact()).toEqual({ removed: 0, more: false });
  await cancel(h, others.slice(0, 200));
  expect(await compactAll(h)).toBe(1_400);
  await cancel(h, others.slice(200, 1_100));
  expect(await h.scripts.compact()).toEqual({ removed: 0, more: false });
});

test("a job whose record cannot be read is still found after cancelled jobs around it were removed", async ({ h }) => {
  const [damaged = "", ...others] = await submit(h, MANY);
  await changeRecord(h.redis, `${h.prefix}:{resize}:job:${damaged}`, { status: "spoilt" });
  await cancel(h, others);

  await compactAll(h);
  await claimAll(h.scripts);

  expect(await h.scripts.condemn()).toMatchObject({ setAside: 1 });
});

test("a list that is read page by page skips no job when cancelled ones are removed between two pages", async ({
  h,
}) => {
  const ids = await submit(h, MANY);
  const live = ids.filter((_, i) => i % 250 === 0);
  const list = (cursor?: string) =>
    h.telltale.$engine.find.list({ status: "queued", limit: 1, ...(cursor ? { cursor } : {}) }, { detail: true });
  await cancel(
    h,
    ids.filter((id) => !live.includes(id)),
  );

  const found: string[] = [];
  let page = await list();
  for (;;) {
    found.push(...page.jobs.map(({ id }) => id));
    if (found.length === 5) await compactAll(h);
    if (page.cursor === null) break;
    page = await list(page.cursor);
  }

  expect(found).toEqual(live.toReversed());
});

test("submitting and cancelling jobs with ever new limit keys leaves nothing in a paused queue", async ({ h }) => {
  const limits = { ...NO_LIMITS, kinds: [{ kind: "resize", concurrency: 1, rate: null }] };
  const scripts = h.scriptsWith({ limits });
  const job = await h.telltale.$engine.prepare({ kind: "resize", input: { width: 1 } });
  await scripts.pause();
  const keys = async (): Promise<string[]> =>
    (await h.redis.keys(`${h.prefix}:{resize}:*`)).filter((key) => /:(group|turns|parked|blocked|grouped)/.test(key));

  for (let i = 0; i < 20; i++) {
    const id = `resize_${String(i).padStart(32, "0")}`;
    const limitKeys = { concurrency: `resize:c${i % 2}`, rate: `resize:r${i}` };
    await scripts.submit([{ ...job, id, limitKeys, ...(i % 4 === 0 ? { startWithinMs: 1 } : {}) }]);
    if (i % 4 === 0) {
      h.clock.advance(2);
      await scripts.expire();
    } else await scripts.cancel(id);
  }

  expect(await keys()).toEqual([]);
});

test("in the long list of a limit key, cancelling removes ids near the ends, and the order stays", async ({ h }) => {
  const scripts = h.scriptsWith({ limits: { ...NO_LIMITS, kinds: [{ kind: "resize", concurrency: 1, rate: null }] } });
  const job = await h.telltale.$engine.prepare({ kind: "resize", input: { width: 1 } });
  const limitKeys = { concurrency: "resize:one", rate: null };
  const ids = Array.from({ length: 10_050 }, (_, i) => `resize_${String(i).padStart(32, "0")}`);
  for (let from = 0; from < ids.length; from += 50)
    await scripts.submit(ids.slice(from, from + 50).map((id) => ({ ...job, id, limitKeys })));
  const list = `${h.prefix}:{resize}:group:normal:resize:one`;

  for (const at of [0, 500, 5_000, 10_049]) await scripts.cancel(ids[at] ?? "");

  expect(await h.redis.llen(list)).toBe(10_047);
  expect(await h.redis.lpos(list, ids[5_000] ?? "")).not.toBeNull();
  for (const id of ids.slice(1, 4)) {
    const lease = await claimOne(scripts);
    expect(lease.id).toBe(id);
    await scripts.complete({ ...lease, output: OUTPUT, pending: null });
  }
});
