import { expect } from "vitest";
import { listJobs } from "../../../src/queue/read/list-jobs.js";
import { NO_LIMITS } from "../../../src/queue/record/queue-limits.js";
import { claimAll, claimOne } from "../harness.js";
import type { Subject } from "./subject.js";

/** Ids of cancelled jobs in the waiting lists. */
export const compactChecks = {
  "removing ids of cancelled jobs keeps the others in their order, once each, and pages of them": async (
    on: Subject,
  ) => {
    const { scripts, redis } = on;
    const list = on.key("waiting:normal");
    const live = await mostlyCancelled(on);
    const rerun = live.at(-1) ?? "";
    await scripts.cancel(rerun);
    await scripts.rerun(rerun, 1);
    const page = (cursor?: string) =>
      listJobs(
        { status: "queued", limit: 2, ...(cursor === undefined ? {} : { cursor }) },
        { queues: [scripts], isKnown: () => true, detail: true },
      );
    const first = await page();

    while ((await scripts.compact()).more);

    expect(await redis.lrange(list, 0, -1)).toEqual(live.toReversed());
    expect((await page(first.cursor ?? "")).jobs.map(({ id }) => id)).toEqual(live.toReversed().slice(1, 3));
    expect(await redis.exists(on.key("compacted"))).toBe(0);
    expect(await redis.hexists(on.key("meta"), "compacting")).toBe(0);
    expect(await scripts.compact()).toEqual({ removed: 0, more: false });
  },

  "a job that was taken from a list while it was copied is not in it afterwards, and no other is missing": async (
    on: Subject,
  ) => {
    const { scripts, redis } = on;
    const live = await mostlyCancelled(on);
    await half(on);
    await claimOne(scripts);

    while ((await scripts.compact()).more);
    while ((await scripts.compact()).more);

    expect(await redis.lrange(on.key("waiting:normal"), 0, -1)).toEqual(live.slice(1).toReversed());
  },

  "a job that was given back to a list while it was copied is not lost": async (on: Subject) => {
    const { scripts, redis } = on;
    const early = await on.submit({ priority: "normal" });
    const lease = await claimOne(scripts);
    const live = await mostlyCancelled(on);
    await half(on);
    // It returns to the end that was copied already.
    await scripts.release([lease]);

    while ((await scripts.compact()).more);
    while ((await scripts.compact()).more);

    expect(await redis.lrange(on.key("waiting:normal"), 0, -1)).toEqual([...live.toReversed(), early]);
  },

  "cancelling the job that got the turn of a freed key gives the turn to the next one": async (on: Subject) => {
    const scripts = on.scriptsWith({
      limits: { ...NO_LIMITS, kinds: [{ kind: "resize", concurrency: 1, rate: null }] },
    });
    const ids: string[] = [];
    for (const rate of ["a", "b", "c"]) ids.push(await on.submit({ limitKeys: { concurrency: "resize:one", rate } }));
    const running = await claimOne(scripts);
    expect(await claimAll(scripts)).toEqual([]);

    await scripts.release([{ ...running, delayMs: 60_000 }]);
    await scripts.cancel(ids[1] ?? "");

    expect((await claimAll(scripts)).map(({ id }) => id)).toEqual([ids[2]]);
  },
} as const satisfies Record<string, (on: Subject) => Promise<void>>;

/** Submits jobs and cancels all but the first two, one in the middle and the last. Returns those that wait, the oldest first. */
async function mostlyCancelled(on: Subject): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < 1_300; i += 100) ids.push(...(await Promise.all(Array.from({ length: 100 }, () => on.submit()))));
  const live = ids.filter((_, i) => [0, 1, 600, 1_299].includes(i));
  await Promise.all(ids.filter((id) => !live.includes(id)).map((id) => on.scripts.cancel(id)));
  return live;
}

/** Compacts until a part of the list with priority `normal` is copied. */
async function half(on: Subject): Promise<void> {
  while ((await on.redis.llen(on.key("compacted"))) === 0) await on.scripts.compact();
}
