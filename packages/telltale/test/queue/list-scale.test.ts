import { IS_FULL } from "@telltale/testkit";
import type { Redis } from "ioredis";
import type { ListOptions } from "telltale";
import { expect } from "vitest";
import { z } from "zod";
import { encode } from "../../src/core/codec/codec.js";
import { fail } from "../../src/queue/scripts/lifecycle/fail.js";
import { runScript } from "../../src/queue/scripts/run-script.js";
import { claimAll, type Harness, test } from "./harness.js";
import { sound } from "./mutants/scripts.js";
import { subjectOf } from "./mutants/subject.js";

/** How many jobs to fail: `TELLTALE_LIST_JOBS=1000000 npm test -- packages/telltale/test/queue/list-scale.test.ts` measures, too. */
const JOBS = Number(process.env.TELLTALE_LIST_JOBS ?? (IS_FULL ? 20_000 : 5_000));
const IS_MEASURED = process.env.TELLTALE_LIST_JOBS !== undefined;
const OWNERS = 100;
const BATCH = 500;
// The most commands that a call may run with any number of jobs: reading 200 entries, returning 50, and finding the place.
const MOST_COMMANDS = 200 + 50 * 2 + 60;

/** Fails JOBS jobs, ten thousand per millisecond. Leaves a tenth as many waiting, and up to five hundred running. */
async function seed(h: Harness): Promise<void> {
  const { target } = subjectOf(h, sound);
  const error = (code: string) => ({ code, error: encode({ code, message: "no" }) });
  const [rare, common] = [error("rare"), error("common")];
  const job = await h.telltale.$engine.prepare({ kind: "resize", input: { width: 1 } });
  const one = (i: number) => ({
    ...job,
    id: `resize_${((i * 2_654_435_761) % 4_294_967_296).toString(16).padStart(32, "0")}`,
    owner: `u${i % OWNERS}`,
    tags: ["all", `t${i % 10}`],
  });
  const submit = async (from: number): Promise<void> => {
    const some = Array.from({ length: BATCH }, (_, i) => one(from + i));
    const calls = Array.from({ length: BATCH / 50 }, (_, i) => some.slice(i * 50, i * 50 + 50));
    await Promise.all(calls.map((jobs) => h.scripts.submit(jobs)));
  };
  for (let done = 0; done < JOBS; done += BATCH) {
    if (done % 10_000 === 0) h.clock.advance(1);
    await submit(done);
    for (let leases = await claimAll(h.scripts); leases.length > 0; leases = await claimAll(h.scripts)) {
      const items = leases.map((lease) => ({
        ...lease,
        ...(lease.owner?.endsWith("7") ? rare : common),
        retryInMs: null,
        pending: null,
      }));
      await runScript({ ...target, redis: h.redis, clock: () => h.clock.now() }, fail, { items, rememberMs: 1_000 });
    }
  }
  for (let more = 0; more < JOBS / 10; more += BATCH) await submit(JOBS + more);
  for (let running = 0; running < Math.min(500, JOBS / 40); ) running += (await claimAll(h.scripts, 50)).length;
}

/** The number of commands that the server has run, including those in scripts. */
async function commands(redis: Redis): Promise<number> {
  const info = await redis.info("commandstats");
  return [...info.matchAll(/^cmdstat_(?!info|evalsha)[^:]+:calls=(\d+)/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
}

test(`among ${JOBS} failed jobs every list is complete, and no page costs more than the first`, {
  timeout: IS_MEASURED ? 3_600_000 : 60_000,
}, async ({ h }) => {
  await h.redis.config("SET", "slowlog-log-slower-than", "10000");
  await seed(h);
  const slowSeeds = await h.redis.slowlog("LEN");
  await h.redis.slowlog("RESET");

  const times: number[] = [];
  // Counting commands costs as much as a page, so it is off when times are measured.
  const spent = (): Promise<number> => (IS_MEASURED ? Promise.resolve(0) : commands(h.redis));
  const walk = async (name: string, options: ListOptions, most = MOST_COMMANDS): Promise<Set<string>> => {
    const ids: string[] = [];
    const pages = h.telltale.resize.list(options)[Symbol.asyncIterator]();
    for (let before = await spent(); ; before = await spent()) {
      const began = performance.now();
      const { value, done } = await pages.next();
      times.push(performance.now() - began);
      expect((await spent()) - before, `${name}: commands of a page`).toBeLessThanOrEqual(most);
      if (done) break;
      ids.push(...value.jobs.map(({ id }: { id: string }) => id));
    }
    expect(new Set(ids).size, `${name} repeats none`).toBe(ids.length);
    return new Set(ids);
  };

  expect((await walk("failed", { status: "failed" })).size).toBe(JOBS);
  expect((await walk("rare", { code: "rare" })).size).toBe(JOBS / 10);
  expect((await walk("tag", { status: "failed", tag: "t3" })).size).toBe(JOBS / 10);
  expect((await walk("code and tag", { code: "common", tag: "t3", status: "failed" })).size).toBe(JOBS / 10);
  expect((await walk("owner", { owner: "u7" })).size).toBe((JOBS * 1.1) / OWNERS);
  const running = await walk("running", { status: "running" }, MOST_COMMANDS + 500);
  const queued = await walk("queued", { status: "queued" });
  expect(running.size).toBeGreaterThanOrEqual(Math.min(500, JOBS / 40));
  expect(running.size + queued.size).toBe(JOBS / 10);
  await h.telltale.$queues.list();

  if (IS_MEASURED) {
    times.sort((a, b) => a - b);
    const at = (share: number) => times[Math.floor((times.length - 1) * share)]?.toFixed(2);
    const slow = z.array(z.tuple([z.number(), z.number(), z.number(), z.array(z.string())], z.unknown()));
    const listing = slow.parse(await h.redis.slowlog("GET", 128)).map(([, , us, [name]]) => `${name} ${us / 1_000} ms`);
    process.stdout.write(
      `${JOBS} failed jobs, ${times.length} pages: median ${at(0.5)} ms, 99 % ${at(0.99)} ms, longest ${at(1)} ms; over ` +
        `10 ms while submitting and failing: ${slowSeeds}, while listing: ${listing.join(", ") || "none"}\n`,
    );
  }
});
