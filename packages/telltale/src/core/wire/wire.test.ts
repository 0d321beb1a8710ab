import { expect, test } from "vitest";
import { newJobId } from "../job/job-id.js";
import { WireSubmitOptions } from "./option-schemas.js";
import { JobRef, WatchInput, WireSchedule } from "./wire.js";

const LONE_SURROGATE = "\ud800";

test("the options of a submit pass unchanged, and unknown options are refused", () => {
  const options = { idempotencyKey: "o-1", uniqueKey: "a:b.c_d", delayMs: 0, priority: "low", tags: ["x", "y"] };

  expect(WireSubmitOptions.parse(options)).toEqual(options);
  for (const name of ["id", "status", "owner", "attempts", "delays"]) {
    expect(WireSubmitOptions.safeParse({ ...options, [name]: "x" }).error?.issues).toMatchObject([{ keys: [name] }]);
  }
});

test.each([
  "",
  "k".repeat(129),
  "*",
  "{q}",
  "a\r\nDEL x",
  "\u0000",
  "../../x",
  "\u202e",
  "😀",
  LONE_SURROGATE,
  1,
  -1,
  Number.POSITIVE_INFINITY,
  null,
  {},
  ["a"],
])("%j is not a valid idempotency key, unique key or tag", (key) => {
  expect(WireSubmitOptions.safeParse({ idempotencyKey: key }).success).toBe(false);
  expect(WireSubmitOptions.safeParse({ uniqueKey: key }).success).toBe(false);
  expect(WireSubmitOptions.safeParse({ tags: [key] }).success).toBe(false);
});

test("property names that all objects have are ordinary keys", () => {
  for (const key of ["__proto__", "constructor", "1", "0x10"]) {
    expect(WireSubmitOptions.parse({ idempotencyKey: key })).toEqual({ idempotencyKey: key });
  }
});

test.each([-1, 1e308, Number.NaN, Number.POSITIVE_INFINITY, "10", 2 ** 53, 8.64e15 + 1, 0.5, null])(
  "a delay of %j is refused",
  (delayMs) => {
    expect(WireSubmitOptions.safeParse({ delayMs }).success).toBe(false);
  },
);

test.each([new Date(8.64e15), new Date(8.64e15 + 1), new Date(-1), new Date("zzz"), "2026-01-01", 5, null])(
  "a runAt of %s is refused",
  (runAt) => {
    expect(WireSubmitOptions.safeParse({ runAt }).success).toBe(false);
  },
);

test("delayMs together with runAt is refused", () => {
  expect(WireSubmitOptions.safeParse({ delayMs: 1, runAt: new Date(5) }).success).toBe(false);
});

test.each([Number.NaN, 2 ** 31, -0, "", "Urgent", "__proto__", null])("a priority of %j is refused", (priority) => {
  expect(WireSubmitOptions.safeParse({ priority }).success).toBe(false);
});

test("more than 8 tags, or one of more than 64 characters, are refused", () => {
  expect(WireSubmitOptions.safeParse({ tags: Array.from({ length: 9 }, () => "a") }).success).toBe(false);
  expect(WireSubmitOptions.safeParse({ tags: ["a".repeat(65)] }).success).toBe(false);
});

test.each(["", "*", "x", `Resize_${"0".repeat(32)}`, `${newJobId("resize")} `, 5, null, { $gt: "" }])(
  "%j is not a valid job id",
  (id) => {
    expect(JobRef.safeParse({ id }).success).toBe(false);
  },
);

test.each([{}, 5, null, "x".repeat(65), "x".repeat(1_000_000)])("%s is not a valid event id", (lastEventId) => {
  expect(WatchInput.safeParse({ id: newJobId("resize"), lastEventId }).success).toBe(false);
});

test("a token of more than 2 KB is refused", () => {
  expect(JobRef.safeParse({ id: newJobId("resize"), token: "x".repeat(2_049) }).success).toBe(false);
});

test("a schedule needs either a cron expression or a period, and only a cron expression can have a time zone", () => {
  const schedule = { name: "n", kind: "k", input: 1 };
  const isAccepted = (timing: object): boolean => WireSchedule.safeParse({ ...schedule, ...timing }).success;

  expect(isAccepted({ cron: "* * * * *" })).toBe(true);
  expect(isAccepted({ cron: "* * * * *", timeZone: "UTC" })).toBe(true);
  expect(isAccepted({ everyMs: 1_000 })).toBe(true);
  expect(isAccepted({})).toBe(false);
  expect(isAccepted({ cron: "* * * * *", everyMs: 1_000 })).toBe(false);
  expect(isAccepted({ everyMs: 1_000, timeZone: "UTC" })).toBe(false);
  expect(isAccepted({ cron: "*".repeat(257) })).toBe(false);
});

test.each([0, 999, 1_000.5, 365 * 86_400_000 + 1, Number.NaN, "1000", null])("a period of %j is refused", (everyMs) => {
  expect(WireSchedule.safeParse({ name: "n", kind: "k", input: 1, everyMs }).success).toBe(false);
});
