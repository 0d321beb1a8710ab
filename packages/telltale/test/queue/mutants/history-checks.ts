import { expect } from "vitest";
import { addLine, countsOf, type Tally, totalsOf } from "../../../src/queue/history/tally.js";
import { claimOne, OUTPUT } from "../harness.js";
import type { Subject } from "./subject.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const KEYS = /:(history|totals|minutes:\d+|hours:\d+)$/;

async function runOne(on: Subject): Promise<void> {
  await on.submit();
  await on.scripts.complete({ ...(await claimOne(on.scripts)), output: OUTPUT, pending: null });
}

const keysOf = async ({ redis, key }: Subject): Promise<string[]> =>
  (await redis.keys(key("*"))).filter((name) => KEYS.test(name));

async function read({ scripts }: Subject, per: "minutes" | "hours", number: number, kind = "") {
  return scripts.readHistory({ per, first: number, last: number, kind });
}

async function submittedIn(on: Subject, per: "minutes" | "hours", number: number, kind = ""): Promise<number> {
  const tally: Tally = new Map();
  for (const { line } of (await read(on, per, number, kind)).lines) addLine(tally, line);
  return countsOf(tally).submitted;
}

async function submittedInAll(on: Subject): Promise<number> {
  return totalsOf(await read(on, "hours", 0)).submitted;
}

/** What a queue counts, in which keys, and what happens to damaged ones. */
export const historyChecks = {
  "each minute, each hour and all time have what was counted in them": async (on: Subject) => {
    const at = on.clock.now();
    const [hour, day] = [Math.floor(at / HOUR_MS), Math.floor(at / (24 * HOUR_MS))];
    const minute = Math.floor(at / MINUTE_MS) % 60;
    await runOne(on);
    await runOne(on);
    on.clock.advance(25 * HOUR_MS);
    await runOne(on);

    const { lines, next, openMinute, open } = await read(on, "hours", day);
    expect(lines.map(({ key, position }) => [key, position])).toEqual([[day, hour % 24]]);
    expect(next).toBe(day + 1);
    expect(openMinute).toBe(Math.floor(on.clock.now() / MINUTE_MS));
    expect(open.map(({ kind, count }) => [kind, count])).toEqual(Array.from({ length: 3 }, () => ["resize", 1]));
    expect(await submittedIn(on, "hours", day)).toBe(2);
    // The minutes of that hour are no longer kept.
    expect((await read(on, "minutes", hour)).lines).toEqual([]);
    expect(await submittedInAll(on)).toBe(3);
    on.clock.advance(MINUTE_MS);
    await runOne(on);
    const later = Math.floor(on.clock.now() / HOUR_MS);
    const before = Math.floor((on.clock.now() - MINUTE_MS) / HOUR_MS);
    expect((await read(on, "minutes", before)).lines.map(({ position }) => position)).toEqual([
      Math.floor((on.clock.now() - MINUTE_MS) / MINUTE_MS) % 60,
    ]);
    expect(minute).toBeLessThan(60);
    expect(later).toBeGreaterThanOrEqual(before);
    expect(await submittedIn(on, "minutes", before, "resize")).toBe(1);
    expect(await submittedIn(on, "minutes", before, "archive")).toBe(0);
    expect(await submittedInAll(on)).toBe(4);
  },

  "buckets of the history expire when they are no longer kept": async (on: Subject) => {
    await runOne(on);
    on.clock.advance(MINUTE_MS);
    await runOne(on);
    const ttls = new Map(
      await Promise.all(
        (await keysOf(on)).map(
          async (name) => [name.replace(/:\d+$/, "").slice(on.key("").length), await on.redis.pttl(name)] as const,
        ),
      ),
    );

    expect([ttls.get("history"), ttls.get("totals")]).toEqual([-1, -1]);
    expect(ttls.get("minutes")).toBeGreaterThan(6 * HOUR_MS - 2 * MINUTE_MS);
    expect(ttls.get("minutes")).toBeLessThanOrEqual(7 * HOUR_MS);
    expect(ttls.get("hours")).toBeGreaterThan(30 * 24 * HOUR_MS - 2 * MINUTE_MS);
    expect(ttls.get("hours")).toBeLessThanOrEqual(31 * 24 * HOUR_MS);
    // A clock that was a year ahead does not leave keys for a year.
    on.clock.advance(365 * 24 * HOUR_MS);
    await runOne(on);
    on.clock.advance(-365 * 24 * HOUR_MS);
    await runOne(on);
    for (const name of await keysOf(on)) expect(await on.redis.pttl(name)).toBeLessThanOrEqual(31 * 24 * HOUR_MS);
  },

  "history keys with other values stop no job, and counting continues": async (on: Subject) => {
    await runOne(on);
    on.clock.advance(MINUTE_MS);
    await runOne(on);
    for (let i = 0; i < 2; i++) {
      for (const name of await keysOf(on)) await on.redis.set(name, "x");
      expect(await submittedInAll(on)).toBe(0);
      expect((await on.scripts.stats()).totals.submitted).toBe(0);
      if (i > 0) on.clock.advance(MINUTE_MS);
      await runOne(on);
      expect(await submittedInAll(on)).toBe(1);
    }
    await on.redis.hset(on.key("history"), { "599 resize": "spoilt", odd: "1" });
    await on.redis.hset(on.key("totals"), { resize: "599=3 100=1e9 0=99999999999999999 x" });
    await runOne(on);
    on.clock.advance(MINUTE_MS);
    await runOne(on);
    expect((await on.scripts.stats()).totals).toMatchObject({ submitted: 5, started: 3, completed: 3 });
  },

  "a queue stores at most 32 kinds and 500 counts of a minute, and loses none": async (on: Subject) => {
    const counts = (length: number, name: string) =>
      Object.fromEntries(Array.from({ length }, (_, i) => [`599 ${name}${i}`, "1"]));
    await runOne(on);
    await on.redis.hset(on.key("history"), { [`599 ${"k".repeat(65)}`]: "1" });
    on.clock.advance(MINUTE_MS);
    await on.submit();
    await on.scripts.complete({ ...(await claimOne(on.scripts)), output: OUTPUT, pending: null });
    await on.redis.hset(on.key("history"), counts(80, "kind"));
    on.clock.advance(MINUTE_MS);
    await runOne(on);
    expect((await on.redis.hkeys(on.key("totals"))).filter((kind) => kind !== "*")).toHaveLength(32);
    expect(await on.redis.hexists(on.key("totals"), "k".repeat(65))).toBe(0);
    await on.redis.hset(on.key("history"), counts(2_000, "more"));
    await on.submit();
    on.clock.advance(7_777);
    await claimOne(on.scripts);
    expect(await on.redis.hmget(on.key("history"), "26 *", "26 resize")).toEqual(["1", null]);
    on.clock.advance(MINUTE_MS);
    await runOne(on);
    expect(await on.redis.hlen(on.key("totals"))).toBe(33);
    expect(await submittedInAll(on)).toBe(81 + 2_000 + 5);
  },
} as const;
