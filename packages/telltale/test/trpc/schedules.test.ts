import { expect } from "vitest";
import { ann, bob, callerFor, echo, type Harness, refusal, root, sweep, test } from "./harness.js";

const nightly = {
  name: "n",
  kind: "echo",
  input: { text: "hi" },
  cron: "0 3 * * *",
  timeZone: "Europe/Berlin",
} as const;

test("an operator can set, list and remove schedules", async ({ h }) => {
  const { schedules } = h.as(root);

  const { name, next } = await schedules.set({ ...nightly, owner: "ann", priority: "low", tags: ["a"] });
  const [listed, ...others] = await schedules.list();

  expect(others).toEqual([]);
  expect(name).toBe("n");
  expect(listed).toEqual({
    name: "n",
    kind: "echo",
    queue: "echo",
    input: { text: "hi" },
    timing: { cron: "0 3 * * *", timeZone: "Europe/Berlin" },
    catchUp: "last",
    owner: "ann",
    priority: "low",
    tags: ["a"],
    next,
  });
  expect(await schedules.remove({ name: "n" })).toEqual({ removed: true });
  expect(await schedules.remove({ name: "n" })).toEqual({ removed: false });
  expect(await schedules.list()).toEqual([]);
});

test("an operator can list and remove schedules that the server set", async ({ h }) => {
  await h.telltale.$schedules.set("s", { job: sweep, input: {}, every: "1h" });

  expect(await h.as(root).schedules.list()).toMatchObject([
    { name: "s", kind: "sweep", timing: { everyMs: 3_600_000 } },
  ]);
  expect(await h.as(root).schedules.remove({ name: "s" })).toEqual({ removed: true });
});

const CALLS = {
  list: (h: Harness, who: Parameters<Harness["as"]>[0]) => h.as(who).schedules.list(),
  set: (h: Harness, who: Parameters<Harness["as"]>[0]) => h.as(who).schedules.set({ ...nightly, cron: "0 4 * * *" }),
  remove: (h: Harness, who: Parameters<Harness["as"]>[0]) => h.as(who).schedules.remove({ name: "n" }),
};

test.for(["list", "set", "remove"] as const)("schedules.%s is for operators only", async (name, { h }) => {
  await h.telltale.$schedules.set("n", { job: echo, input: { text: "hi" }, cron: "0 3 * * *" });
  const before = await h.telltale.$schedules.list();

  expect(await refusal(CALLS[name](h, null))).toMatchObject({ code: "UNAUTHORIZED", cause: "unauthorized" });
  expect(await refusal(CALLS[name](h, ann))).toMatchObject({ code: "FORBIDDEN", cause: "forbidden" });

  expect(await h.telltale.$schedules.list()).toEqual(before);
});

test("a custom authorize function replaces the default rules", async ({ h }) => {
  const asked: unknown[] = [];
  const as = callerFor(h.telltale, {
    authorize: ({ subject, action, kind }) => {
      asked.push([action, kind]);
      return subject?.id === "bob";
    },
  });

  await as(bob).schedules.set(nightly);

  expect(await as(bob).schedules.list()).toHaveLength(1);
  expect(await refusal(as(root).schedules.list())).toMatchObject({ cause: "forbidden" });
  expect(asked).toEqual([
    ["operate", "echo"],
    ["operate", null],
    ["operate", null],
  ]);
});

test("a kind that is not listed cannot be scheduled from outside", async ({ h }) => {
  // @ts-expect-error also a type error
  const refused = await refusal(h.as(root).schedules.set({ ...nightly, kind: "sweep", input: {} }));

  expect(refused).toMatchObject({ code: "BAD_REQUEST", cause: "unknown_kind" });
});

test.for([
  ["an input that does not match its schema", { input: { text: "" } }],
  ["no timing", { cron: undefined, timeZone: undefined }],
  ["two timings", { everyMs: 1_000 }],
  ["a period under a second", { cron: undefined, timeZone: undefined, everyMs: 10 }],
  ["eight fields", { cron: "* * * * * * * *" }],
  ["a step of zero", { cron: "*/0 * * * *" }],
  ["an endless range", { cron: "0-99999999 * * * *" }],
  ["a day that never comes", { cron: "0 0 31 2 *" }],
  ["an expression of 10 KB", { cron: `${"1,".repeat(5_000)}1 * * * *` }],
  ["a path as time zone", { timeZone: "../../etc/passwd" }],
  ["an unknown time zone", { timeZone: "Mars/Base" }],
  ["a name with a line break", { name: "a\r\nDEL x" }],
  ["a name that is a number", { name: 5 }],
] as const)("%s is refused", async ([, fault], { h }) => {
  const asked = { ...nightly, ...fault };

  // Untyped clients can send this.
  expect(await refusal(h.as(root).schedules.set(asked as never))).toMatchObject({
    code: "BAD_REQUEST",
    cause: "invalid_input",
  });
  expect(await h.telltale.$schedules.list()).toEqual([]);
});
