import { readRecord } from "@telltale/testkit";
import { LIMITS } from "telltale";
import { expect } from "vitest";
import { setSchedule } from "../../src/queue/schedules/set-schedule.js";
import { archive, claimAll, type Harness, harness, resize, test } from "./harness.js";
import { DAY, firing, HOUR, MINUTE, nightly, START } from "./schedule-harness.js";

test("a schedule is stored under its name and listed as it was set", async ({ h }) => {
  const { $schedules } = h.telltale;

  expect(
    await $schedules.set("report.nightly", {
      job: resize,
      input: { width: 1 },
      cron: " 0  3 * * * ",
      timeZone: "Europe/Berlin",
      catchUp: "none",
      owner: "u1",
      priority: "low",
      tags: ["a"],
    }),
  ).toEqual({ next: new Date("2026-01-01T03:00+01:00") });
  await $schedules.set("archive", { job: archive, input: null, every: "10m" });

  expect(await $schedules.list()).toEqual([
    {
      name: "archive",
      kind: "archive",
      queue: "archive",
      input: null,
      timing: { everyMs: 10 * MINUTE },
      catchUp: "last",
      owner: null,
      priority: "normal",
      tags: [],
      next: new Date(START + 10 * MINUTE),
    },
    {
      name: "report.nightly",
      kind: "resize",
      queue: "resize",
      input: { width: 1 },
      timing: { cron: "0 3 * * *", timeZone: "Europe/Berlin" },
      catchUp: "none",
      owner: "u1",
      priority: "low",
      tags: ["a"],
      next: new Date("2026-01-01T03:00+01:00"),
    },
  ]);
});

test("the default time zone is UTC", async ({ h }) => {
  const { next } = await h.telltale.$schedules.set("n", { job: resize, input: { width: 1 }, cron: "0 3 * * *" });

  expect(next).toEqual(new Date("2026-01-01T03:00Z"));
});

test("a job is created at each instant with the input and options of the schedule", async ({ h }) => {
  await h.telltale.$schedules.set("n", { ...nightly, owner: "u1", priority: "high", tags: ["a", "b"] });
  const { fireDue } = firing(h);
  expect(await fireDue()).toBe(3 * HOUR);
  expect(await claimAll(h.scripts)).toEqual([]);

  h.clock.advance(3 * HOUR);
  expect(await fireDue()).toBe(DAY);
  const [job, ...others] = await claimAll(h.scripts);

  expect(others).toEqual([]);
  expect(job).toMatchObject({
    kind: "resize",
    owner: "u1",
    tags: ["a", "b"],
    attempts: 3,
    createdAt: START + 3 * HOUR,
  });
  expect((await readRecord(h.redis, `${h.prefix}:{resize}:job:${job?.id}`)).priority).toBe("high");
  expect(await h.telltale.$schedules.list()).toMatchObject([{ next: new Date(START + 27 * HOUR) }]);
});

test("a due schedule wakes a worker, and its job can be watched", async ({ h }) => {
  await h.telltale.$schedules.set("n", nightly);
  h.clock.advance(3 * HOUR);
  await h.redis.del(`${h.prefix}:{resize}:bell`);

  await firing(h).fireDue();

  expect(await h.redis.llen(`${h.prefix}:{resize}:bell`)).toBe(1);
  const [job] = await claimAll(h.scripts);
  const watch = h.telltale.$engine.watch(job?.id ?? "");
  expect((await watch.next()).value).toMatchObject({ status: "queued" });
  await watch.return();
});

test("schedules of a paused queue still fire, and their jobs wait", async ({ h }) => {
  await h.telltale.$schedules.set("n", nightly);
  await h.scripts.pause();
  h.clock.advance(3 * HOUR);

  await firing(h).fireDue();

  expect(await claimAll(h.scripts)).toEqual([]);
  await h.scripts.resume();
  expect(await claimAll(h.scripts)).toHaveLength(1);
});

test("the first schedule of a queue wakes a worker, unless the queue is paused", async ({ h }) => {
  const bell = `${h.prefix}:{resize}:bell`;
  await h.scripts.pause();
  await h.telltale.$schedules.set("a", nightly);
  expect(await h.redis.llen(bell)).toBe(0);

  await h.scripts.resume();
  await h.telltale.$schedules.set("b", nightly);

  expect(await h.redis.llen(bell)).toBe(1);
});

test("setting a schedule replaces an earlier one with the same name", async ({ h }) => {
  await h.telltale.$schedules.set("n", nightly);

  await h.telltale.$schedules.set("n", { ...nightly, cron: "0 4 * * *", input: { width: 2 } });

  expect(await h.telltale.$schedules.list()).toMatchObject([
    { name: "n", input: { width: 2 }, next: new Date(START + 4 * HOUR) },
  ]);
  h.clock.advance(3 * HOUR);
  expect(await firing(h).fireDue()).toBe(HOUR);
  expect(await claimAll(h.scripts)).toEqual([]);
});

test("a process that sets its schedules at start does not skip an instant that is due", async ({ h }) => {
  await h.telltale.$schedules.set("n", nightly);
  h.clock.advance(5 * HOUR);

  const { next } = await h.telltale.$schedules.set("n", { ...nightly, input: { width: 2 } });
  await firing(h).fireDue();

  expect(next).toEqual(new Date(START + 3 * HOUR));
  expect(await claimAll(h.scripts)).toMatchObject([{ input: expect.stringContaining("2") }]);
});

test("a schedule moves with its kind to another queue, and leaves nothing in the old one", async ({ h }) => {
  await h.telltale.$schedules.set("n", nightly);

  await h.telltale.$schedules.set("n", { job: archive, input: 1, every: "1h" });

  expect(await h.telltale.$schedules.list()).toMatchObject([{ name: "n", kind: "archive", queue: "archive" }]);
  expect(await scheduleKeys(h)).toEqual(["{archive}:instants", "{archive}:schedules"]);
});

test("a time that was due in the old queue of a schedule is fired once in the new one", async ({ h }) => {
  await h.telltale.$schedules.set("n", nightly);
  h.clock.advance(5 * HOUR);

  const { next } = await h.telltale.$schedules.set("n", { ...nightly, job: archive, input: 1 });
  await firing(h, "archive").fireDue();
  await firing(h, "archive").fireDue();

  expect(next).toEqual(new Date(START + 3 * HOUR));
  expect(await h.telltale.$engine.find.list({ kind: "archive" }, { detail: true })).toMatchObject({
    jobs: [{ kind: "archive" }],
  });
  expect(await h.telltale.$schedules.list()).toMatchObject([
    { queue: "archive", next: new Date(START + DAY + 3 * HOUR) },
  ]);
});

test("a schedule that moves to another queue with another timing starts with the next time of the new one", async ({
  h,
}) => {
  await h.telltale.$schedules.set("n", nightly);
  h.clock.advance(5 * HOUR);

  const { next } = await h.telltale.$schedules.set("n", { job: archive, input: 1, every: "10m" });

  expect(next).toEqual(new Date(START + 5 * HOUR + 10 * MINUTE));
});

test("a removed schedule does not fire again and leaves nothing behind", async ({ h }) => {
  await h.telltale.$schedules.set("n", nightly);
  h.clock.advance(3 * HOUR);

  expect(await h.telltale.$schedules.remove("n")).toBe(true);
  await firing(h).fireDue();

  expect(await claimAll(h.scripts)).toEqual([]);
  expect(await h.telltale.$schedules.list()).toEqual([]);
  expect(await h.telltale.$schedules.remove("n")).toBe(false);
  expect(await h.telltale.$schedules.remove("never")).toBe(false);
  expect(await scheduleKeys(h)).toEqual([]);
});

test("a queue holds at most a thousand schedules, and setting an existing one again is always allowed", async ({
  h,
}) => {
  await using other = await harness(h.source, { prefix: h.prefix });
  const set = (name: string): Promise<unknown> => other.telltale.$schedules.set(name, nightly);
  await Promise.all(Array.from({ length: LIMITS.schedulesPerQueue }, (_, i) => set(`n${i}`)));

  await expect(set("one-more")).rejects.toMatchObject({ code: "too_many" });
  await set("n7");
  await h.telltale.$schedules.remove("n7");
  await set("one-more");

  expect(await h.telltale.$schedules.list()).toHaveLength(LIMITS.schedulesPerQueue);
});

test("a schedule that does not fit into the new queue of its kind stays in the old one", async ({ h }) => {
  const { $schedules } = h.telltale;
  await $schedules.set("n", { job: archive, input: 1, every: "1h" });
  await Promise.all(Array.from({ length: LIMITS.schedulesPerQueue }, (_, i) => $schedules.set(`n${i}`, nightly)));

  await expect($schedules.set("n", nightly)).rejects.toMatchObject({ code: "too_many" });

  expect(await $schedules.list()).toContainEqual(expect.objectContaining({ name: "n", queue: "archive" }));
});

test.for([
  ["an input that does not match the contract", { input: { width: "x" } }],
  ["no input", { input: undefined }],
  ["neither a cron expression nor a duration", { cron: undefined }],
  ["both", { everyMs: 1_000 }],
  ["a time zone with a duration", { cron: undefined, everyMs: 1_000, timeZone: "UTC" }],
  ["a duration under a second", { cron: undefined, everyMs: 999 }],
  ["a duration over a year", { cron: undefined, everyMs: 366 * DAY }],
  ["half a millisecond", { cron: undefined, everyMs: 1_000.5 }],
  ["an infinite duration", { cron: undefined, everyMs: Number.POSITIVE_INFINITY }],
  ["a cron expression of 10 KB", { cron: `${"1,".repeat(5_000)}1 * * * *` }],
  ["a valid cron expression of 257 characters", { cron: `${"1,".repeat(124)}1 * * * *` }],
  ["a cron expression of six fields", { cron: "* * * * * *" }],
  ["a day that does not exist", { cron: "0 0 31 2 *" }],
  ["an unknown time zone", { timeZone: "Mars/Base" }],
  ["a path as time zone", { timeZone: "../../etc/passwd" }],
  ["an unknown catchUp", { catchUp: "all" }],
  ["a name with a space", { name: "a b" }],
  ["an empty name", { name: "" }],
  ["a name with a line break", { name: "a\nb" }],
  ["a name of 129 characters", { name: "a".repeat(129) }],
  ["an owner with a line break", { owner: "a\nb" }],
  ["an empty owner", { owner: "" }],
  ["an unknown priority", { priority: "Urgent" }],
  ["nine tags", { tags: Array.from({ length: 9 }, () => "a") }],
] as const)("%s is rejected, and nothing is stored", async ([, fault], { h }) => {
  const asked = { name: "n", kind: "resize", input: { width: 1 }, cron: "* * * * *", ...fault };

  // As untyped code could call it.
  await expect(setSchedule(h.telltale.$engine, asked as never)).rejects.toMatchObject({ code: "invalid_input" });
  expect(await scheduleKeys(h)).toEqual([]);
});

test.for(["soon", "-1s", "0", "", "1y"])("%j is rejected as a period", async (every, { h }) => {
  const asked = { job: resize, input: { width: 1 }, every };

  await expect(h.telltale.$schedules.set("n", asked as never)).rejects.toMatchObject({ code: "invalid_input" });
});

test("an unknown kind and an input over 16 KB are rejected", async ({ h }) => {
  const asked = { name: "n", kind: "archive", input: "x".repeat(LIMITS.scheduleInputBytes), everyMs: 1_000 };

  await expect(setSchedule(h.telltale.$engine, asked)).rejects.toMatchObject({ code: "too_large" });
  await expect(setSchedule(h.telltale.$engine, { ...asked, kind: "no" })).rejects.toMatchObject({
    code: "unknown_kind",
  });
  await expect(h.telltale.$schedules.remove("a b")).rejects.toMatchObject({ code: "invalid_input" });
});

async function scheduleKeys({ redis, prefix }: Harness): Promise<string[]> {
  const keys = (await redis.keys(`${prefix}:*`)).map((key) => key.slice(prefix.length + 1));
  return keys.filter((key) => /:(schedules|instants)$/.test(key)).sort();
}
