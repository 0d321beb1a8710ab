import { expect } from "vitest";
import type { Passing } from "../../../src/queue/scripts/schedules/fire-schedule.js";
import type { Subject } from "./subject.js";

const HOUR = 3_600_000;
const LIMIT = 3;

/** Schedules: how they are stored, become due and fire once. */
export const scheduleChecks = {
  "a schedule is stored and can be read by its name": async (on: Subject) => {
    await set(on, "a", HOUR);
    await set(on, "b", 2 * HOUR);
    const now = on.clock.now();
    const b = { name: "b", nextMs: now + 2 * HOUR, definition: "every\nr\nb" };

    expect(await on.scripts.readSchedules(["b", "c"])).toEqual({ now, total: 2, schedules: [b] });
    expect((await on.scripts.readSchedules([])).schedules).toEqual([
      { name: "a", nextMs: now + HOUR, definition: "" },
      { ...b, definition: "" },
    ]);
  },

  "a queue holds no more schedules than its limit, and accepts existing ones again": async (on: Subject) => {
    for (const name of ["a", "b", "c"]) await set(on, name, HOUR);

    expect(await set(on, "d", HOUR)).toEqual(["too_many"]);
    expect((await set(on, "c", HOUR))[0]).toBe("set");
  },

  "setting a schedule again keeps an instant that is due, unless the timing changed or the clock went back": async (
    on: Subject,
  ) => {
    const now = on.clock.now();
    await set(on, "a", 0);

    expect(await set(on, "a", HOUR)).toEqual(["set", now]);
    expect(await set(on, "a", HOUR, "other")).toEqual(["set", now + HOUR]);
    expect(await set(on, "a", 1, "other")).toEqual(["set", now + 1]);
  },

  "a removed schedule leaves nothing behind": async (on: Subject) => {
    await set(on, "a", 0);

    expect(await on.scripts.removeSchedule("a")).toMatchObject({ nextMs: expect.any(Number) });
    expect(await on.scripts.removeSchedule("a")).toBeNull();
    expect(await on.redis.exists(on.key("schedules"), on.key("instants"))).toBe(0);
  },

  "a schedule that was set again is not removed for its earlier revision": async (on: Subject) => {
    await set(on, "a", 0);

    expect(await on.scripts.removeSchedule("a", "earlier")).toBeNull();
    expect((await on.scripts.readSchedules(["a"])).schedules).toHaveLength(1);
    expect(await on.scripts.removeSchedule("a", "r")).toMatchObject({ nextMs: expect.any(Number) });
  },

  "a schedule is due at its time, not earlier, and the time until the next one is returned": async (on: Subject) => {
    await set(on, "a", 500);
    await set(on, "b", 700);
    expect(await on.scripts.dueSchedules([])).toMatchObject({ due: [], nextInMs: 500 });

    on.clock.advance(500);
    const now = on.clock.now();

    const a = { name: "a", instantMs: now, definition: "every\nr\na" };
    expect(await on.scripts.dueSchedules([])).toEqual({ now, due: [a], more: false, nextInMs: 200 });
  },

  "schedules that a worker cannot fire do not hide others from it": async (on: Subject) => {
    for (let i = 0; i < 120; i++) await set(on, `bad${i}`, 0, "every", "r", 1_000);
    await set(on, "good", 1, "every", "r", 1_000);
    on.clock.advance(1);

    const { due, more } = await on.scripts.dueSchedules(Array.from({ length: 120 }, (_, i) => `bad${i}`));

    expect([due.map(({ name }) => name), more]).toEqual([["good"], false]);
  },

  "at most a hundred schedules, or a megabyte, are returned at once": async (on: Subject) => {
    for (let i = 0; i < 101; i++) await set(on, `a${i}`, 0, "every", "r", 1_000);
    expect(await on.scripts.dueSchedules([])).toMatchObject({ due: { length: 100 }, more: true });
    for (let i = 0; i < 101; i++) await on.scripts.removeSchedule(`a${i}`);
    for (const name of ["b", "c"]) await set(on, name, 0, "x".repeat(1024 * 1024));

    expect(await on.scripts.dueSchedules([])).toMatchObject({ due: [{ name: "b" }], more: true });
  },

  "an instant without a schedule is removed": async (on: Subject) => {
    await set(on, "a", 0);
    await on.redis.hdel(on.key("schedules"), "a");

    expect((await on.scripts.dueSchedules([])).due).toEqual([]);
    expect(await on.redis.exists(on.key("instants"))).toBe(0);
  },

  "a schedule that fires creates a job and moves to its next instant": async (on: Subject) => {
    await set(on, "a", 0);
    const fire = await passing(on, "a");
    expect(await on.scripts.fireSchedule(fire)).toBe("fired");

    expect((await on.scripts.readSchedules(["a"])).schedules).toMatchObject([{ nextMs: fire.toMs }]);
    expect(await on.redis.llen(on.key("bell"))).toBe(1);
    expect(await on.redis.llen(on.key("waiting:normal"))).toBe(1);
  },

  "if the clock went back before an instant, its job waits for its time and wakes no worker": async (on: Subject) => {
    await set(on, "a", 0);
    const fire = await passing(on, "a");
    on.clock.advance(-HOUR);

    expect(await on.scripts.fireSchedule(fire)).toBe("fired");

    expect(await on.redis.zscore(on.key("scheduled:normal"), fire.fired?.job.id ?? "")).toBe(String(fire.fromMs));
    expect(await on.redis.llen(on.key("bell"))).toBe(0);
  },

  "a fire moves a schedule on only if it has the current revision and instant": async (on: Subject) => {
    await set(on, "a", 0);
    const fire = await passing(on, "a");
    const late = await passing(on, "a");

    expect(await on.scripts.fireSchedule({ ...fire, revision: "old" })).toBe("replaced");
    expect(await on.scripts.fireSchedule({ ...fire, name: "b" })).toBe("replaced");
    expect(await on.scripts.fireSchedule(fire)).toBe("fired");
    expect(await on.scripts.fireSchedule({ ...late, toMs: late.toMs + HOUR })).toBe("passed");

    expect((await on.scripts.readSchedules(["a"])).schedules).toMatchObject([{ nextMs: fire.toMs }]);
    expect(await on.redis.llen(on.key("waiting:normal"))).toBe(1);
  },

  "a schedule that was removed and set again does not fire an instant twice": async (on: Subject) => {
    await set(on, "a", 0);
    const fire = await passing(on, "a");
    await on.scripts.fireSchedule(fire);
    await on.scripts.removeSchedule("a");
    await set(on, "a", 0);

    expect(await on.scripts.fireSchedule(await passing(on, "a"))).toBe("passed");

    expect((await on.scripts.readSchedules(["a"])).schedules).toMatchObject([{ nextMs: fire.toMs }]);
    expect(await on.redis.llen(on.key("waiting:normal"))).toBe(1);
  },

  "the record of a fired instant expires an hour after the next instant": async (on: Subject) => {
    await set(on, "a", 0);
    const fire = await passing(on, "a");
    await on.scripts.fireSchedule(fire);

    const left = await on.redis.pttl(on.key(`idem:@a:${fire.fromMs}`));
    expect(left).toBeGreaterThan(2 * HOUR - 60_000);
    expect(left).toBeLessThanOrEqual(2 * HOUR);
  },

  "after a fire, the clock does not go back by a little": async (on: Subject) => {
    await set(on, "a", 0);
    await on.scripts.fireSchedule(await passing(on, "a"));
    on.clock.advance(-30_000);

    expect((await on.scripts.readSchedules([])).now).toBe(on.clock.now() + 30_000);
  },
};

function set(on: Subject, name: string, inMs: number, timing = "every", revision = "r", limit = LIMIT) {
  const nextMs = on.clock.now() + inMs;
  return on.scripts.setSchedule({ name, definition: `${timing}\n${revision}\n${name}`, nextMs, limit });
}

/** The call that a worker would send if it read the schedule now. */
async function passing(on: Subject, name: string): Promise<Passing> {
  // The worker was rung for when the schedule was set.
  await on.redis.del(on.key("bell"));
  const job = await on.telltale.$engine.prepare({ kind: "resize", input: { width: 1 } });
  const atMs = on.clock.now();
  return {
    name,
    revision: "r",
    fromMs: atMs,
    toMs: atMs + HOUR,
    fired: { atMs, job: { ...job, runAt: new Date(atMs) } },
  };
}
