import { changeRecord, readRecord } from "@telltale/testkit";
import { isFinal, JOB_STATUSES, type JobStatus, LIFECYCLE, type LifecycleAction } from "telltale";
import { describe, expect } from "vitest";
import { assertNever } from "../../src/core/assert-never.js";
import { claimAll, claimOne, ERROR, type Harness, LEASE_MS, OUTPUT, test } from "./harness.js";

const ACTIONS = Object.keys(LIFECYCLE).filter((name): name is LifecycleAction => name in LIFECYCLE);

/** Brings a job into a status by the shortest way. Returns it with the fence of its newest lease. */
async function jobThatIs(status: JobStatus, { telltale, scripts }: Harness): Promise<{ id: string; fence: number }> {
  if (status === "scheduled")
    return { id: (await telltale.resize.submit({ width: 1 }, { delay: "1h", startWithin: "10h" })).id, fence: 0 };
  const { id } = await telltale.resize.submit({ width: 1 }, { startWithin: "11h" });
  if (status === "queued") return { id, fence: 0 };
  if (status === "cancelled") {
    await scripts.cancel(id);
    return { id, fence: 0 };
  }
  const lease = await claimOne(scripts);
  const settling = { id, fence: lease.fence, pending: null };
  switch (status) {
    case "running":
      break;
    case "retrying":
      await scripts.fail({ ...settling, error: ERROR, retryInMs: 60_000 });
      break;
    case "completed":
      await scripts.complete({ ...settling, output: OUTPUT });
      break;
    case "failed":
      await scripts.fail({ ...settling, error: ERROR, retryInMs: null });
      break;
    default:
      assertNever(status);
  }
  return { id, fence: lease.fence };
}

/** Tries an action on one job. Its effect is read from the job; other tests check its reply. */
async function attempt(action: LifecycleAction, job: { id: string; fence: number }, h: Harness): Promise<void> {
  const { id, fence } = job;
  const { telltale, scripts, clock } = h;
  const settling = { id, fence, pending: null };
  const done = (async (): Promise<unknown> => {
    switch (action) {
      case "submit": {
        const job = await telltale.$engine.prepare({ kind: "resize", input: { width: 2 } });
        return scripts.submit([{ ...job, id }]);
      }
      case "promote":
        clock.advance(2 * 3_600_000);
        return scripts.promote();
      case "claim":
        return claimAll(scripts);
      case "complete":
        return scripts.complete({ ...settling, output: OUTPUT });
      case "fail":
        return scripts.fail({ ...settling, error: ERROR, retryInMs: 60_000 });
      case "release":
        return scripts.release([{ id, fence }]);
      case "reclaim":
        clock.advance(LEASE_MS + 1);
        return scripts.reclaim(LEASE_MS);
      case "cancel":
        return scripts.cancel(id);
      case "expire":
        clock.advance(12 * 3_600_000);
        return scripts.expire();
      case "condemn":
        if (isFinal((await scripts.read(id))?.status ?? "failed")) return scripts.condemn();
        await changeRecord(h.redis, `${h.prefix}:{resize}:job:${id}`, { rev: "many" });
        await claimAll(scripts);
        clock.advance(11 * 3_600_000);
        await scripts.promote();
        await scripts.reclaim(LEASE_MS);
        return scripts.condemn();
      case "rerun":
        return telltale.$engine.rerun(id);
      case "prune":
        clock.advance(8 * 24 * 3_600_000);
        return scripts.prune();
      default:
        return assertNever(action);
    }
  })();
  await done.catch(() => "refused");
}

/** The status to which an action leads according to the table, or the same status if it has no row. */
function allowed(action: LifecycleAction, from: JobStatus): readonly string[] {
  const row = LIFECYCLE[action];
  return row.from.some((status) => status === from) ? row.to : [from];
}

describe.each(ACTIONS)("%s", (action) => {
  test.for(JOB_STATUSES)(
    "on a job that is %s does what its row in the lifecycle says, and nothing else",
    async (from, { h }) => {
      const job = await jobThatIs(from, h);
      const before = await h.telltale.$engine.find.read(job.id);

      await attempt(action, job, h);

      const after = await h.telltale.$engine.find.read(job.id);
      expect(allowed(action, from)).toContain(after?.status ?? "none");
      if (after?.status === from) {
        expect(after.seq).toBe(before?.seq);
        expect(after.feed).toEqual(before?.feed);
      }
      expect(await placesOf(job.id, h)).toEqual(after === null ? [] : [placeFor(after.status)]);
    },
  );
});

function placeFor(status: JobStatus): string {
  switch (status) {
    case "queued":
      return "waiting";
    case "running":
      return "leases";
    case "scheduled":
    case "retrying":
      return "scheduled";
    case "completed":
      return "completed";
    case "failed":
    case "cancelled":
      return "failed";
    default:
      return assertNever(status);
  }
}

/** The lists and sets that contain a job. An id may stay in the waiting list after its job has left it, until a claim discards it. */
async function placesOf(id: string, h: Harness): Promise<string[]> {
  const base = `${h.prefix}:{resize}:`;
  const places = [];
  for (const set of ["leases", "scheduled:normal", "completed", "failed"]) {
    if ((await h.redis.zscore(base + set, id)) !== null) places.push(set.replace(":normal", ""));
  }
  const isQueued = (await readRecord(h.redis, `${base}job:${id}`)).status === "queued";
  if (isQueued && (await h.redis.lpos(`${base}waiting:normal`, id)) !== null) places.push("waiting");
  return places;
}

test("a late complete changes nothing if the job was released and waits again", async ({ h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 });
  const lease = await claimOne(h.scripts);
  await h.scripts.release([lease]);
  const before = await h.telltale.$engine.find.read(id);

  const late = h.scripts.complete({ ...lease, output: OUTPUT, pending: null });

  await expect(late).rejects.toMatchObject({ code: "lease_lost" });
  expect(await h.telltale.$engine.find.read(id)).toEqual(before);
  expect(before?.attempt).toBe(0);
});

test("a repeated complete returns its first reply and writes nothing", async ({ h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 });
  const lease = await claimOne(h.scripts);
  await h.scripts.complete({ ...lease, output: OUTPUT, pending: null });
  const before = await h.telltale.$engine.find.read(id);

  await expect(h.scripts.complete({ ...lease, output: OUTPUT, pending: null })).resolves.toBeUndefined();

  expect(await h.telltale.$engine.find.read(id)).toEqual(before);
});

test("a repeated fail returns its first reply, even if the job has moved on", async ({ h }) => {
  await h.telltale.resize.submit({ width: 1 });
  const lease = await claimOne(h.scripts);
  const failing = { ...lease, error: ERROR, retryInMs: 1_000, pending: null };
  expect(await h.scripts.fail(failing)).toBe("retrying");
  h.clock.advance(1_001);
  await h.scripts.promote();
  await claimOne(h.scripts);

  expect(await h.scripts.fail(failing)).toBe("retrying");

  expect(await h.telltale.$engine.find.read(lease.id)).toMatchObject({ status: "running", attempt: 2 });
});
