import { custom, defineJob, defineJobs } from "telltale";
import { expect, test } from "vitest";
import { z } from "zod";
import { retryDelayMs } from "./backoff.js";
import { createTelltale } from "./client/create-telltale.js";
import { whyUnsupported } from "./redis/check-server.js";
import { toTelltaleError } from "./redis/redis-error.js";

const jobs = defineJobs(defineJob("a", { input: z.null(), output: z.null() }));
const refused = expect.objectContaining({ code: "invalid_config" });

test("keyPrefix is refused, because it applies to neither Lua scripts nor channels", () => {
  expect(() => createTelltale({ jobs, redis: { host: "127.0.0.1", keyPrefix: "x:" } })).toThrow(refused);
});

test.each(["localhost:6379", "http://localhost", "redis", "://", "s3cret"])(
  "%j is refused as a Redis URL, and the message does not repeat it",
  (redis) => {
    expect(() => createTelltale({ jobs, redis })).toThrow(refused);
    expect(() => createTelltale({ jobs, redis })).not.toThrow(/s3cret/);
  },
);

test("without a Redis URL, the message names the variable to set", () => {
  expect(() => createTelltale({ jobs, redis: undefined })).toThrow(/REDIS_URL/);
});

test.each(["", "a:b", "{a}", "a b", "a\n", "*", "a".repeat(65)])("the prefix %j is refused", (prefix) => {
  expect(() => createTelltale({ jobs, redis: "redis://127.0.0.1:1", prefix })).toThrow(refused);
});

test.each([
  ["redis_version:7.0.0\r\nmaxmemory_policy:noeviction\r\n", null],
  ["redis_version:7.2.4\r\nvalkey_version:8.1.0\r\nmaxmemory_policy:noeviction\r\n", null],
  ["redis_version:8.0.1\r\n", null],
  ["redis_version:10.2.0\r\n", null],
  [
    "redis_version:6.2.14\r\nmaxmemory_policy:noeviction\r\n",
    "Telltale needs Redis 7.0 or Valkey 7.2 or newer, but this server is 6.2. Upgrade the server",
  ],
  [
    "redis_version:255\r\n",
    "Telltale needs Redis 7.0 or Valkey 7.2 or newer, but this server has an unknown version. Upgrade the server",
  ],
  ["", "Telltale needs Redis 7.0 or Valkey 7.2 or newer, but this server has an unknown version. Upgrade the server"],
])("a server is supported or refused by its INFO: %j", (info, why) => {
  expect(whyUnsupported(info, false)).toBe(why);
});

test.each([
  ["OOM command not allowed when used memory > 'maxmemory'.", "redis_full"],
  ["LOADING Redis is loading the dataset in memory", "redis_unavailable"],
  ["READONLY You can't write against a read only replica.", "redis_unavailable"],
  ["MASTERDOWN Link with MASTER is down", "redis_unavailable"],
  ["CLUSTERDOWN Hash slot not served", "redis_unavailable"],
  ["BUSY Redis is busy running a script.", "redis_unavailable"],
  ["NOAUTH Authentication required.", "redis_unavailable"],
  ["Stream isn't writeable and enableOfflineQueue options is false", "redis_unavailable"],
  ["Command timed out", "outcome_unknown"],
  ["Connection is closed.", "outcome_unknown"],
  ["Reached the max retries per request limit (which is 3).", "outcome_unknown"],
  ["LOADINGNESS", "outcome_unknown"],
  [`NOPERM No permissions to access a channel script: ${"a".repeat(40)}, on @user_script:9.`, "outcome_unknown"],
])("%j of a call that was sent once is %s", (message, code) => {
  expect(toTelltaleError(new Error(message), { wasSentOnce: true })).toMatchObject({ code });
  expect(toTelltaleError(new Error(message), { wasSentOnce: false })).toMatchObject({ code: "outcome_unknown" });
});

test("a backoff stays within its jitter and its cap", () => {
  const exponential = { type: "exponential", delayMs: 1_000, maxMs: 60_000 } as const;
  const bounds = (attempt: number): number[] =>
    [0, 0.999_999].map((random) => retryDelayMs(exponential, attempt, () => random));

  expect(bounds(1)).toEqual([800, 1_200]);
  expect(bounds(3)).toEqual([3_200, 4_800]);
  expect(bounds(25)).toEqual([48_000, 72_000]);
  expect(retryDelayMs({ type: "fixed", delayMs: 86_400_000 }, 1, () => 0.9)).toBe(86_400_000);
  expect(retryDelayMs({ type: "fixed", delayMs: 100 }, 1, () => 0)).toBe(100);
});

test("a custom backoff gets the attempt's number and stays within the same jitter and bounds", () => {
  const seconds = custom((attempt) => `${attempt}s`);
  const bounds = (attempt: number): number[] =>
    [0, 0.999_999].map((random) => retryDelayMs(seconds, attempt, () => random));

  expect(bounds(1)).toEqual([800, 1_200]);
  expect(bounds(7)).toEqual([5_600, 8_400]);
  const noJitter = () => 0.5;
  expect(
    retryDelayMs(
      custom(() => 0),
      1,
      noJitter,
    ),
  ).toBe(100);
  expect(
    retryDelayMs(
      custom(() => "30d"),
      1,
      noJitter,
    ),
  ).toBe(86_400_000);
  expect(
    retryDelayMs(
      custom(() => "1.5s"),
      1,
      noJitter,
    ),
  ).toBe(1_500);
});

test.each<[string, (attempt: number) => unknown]>([
  [
    "throws",
    () => {
      throw new Error("no");
    },
  ],
  ["returns nothing", () => undefined],
  ["returns null", () => null],
  ["returns NaN", () => Number.NaN],
  ["returns a negative number", () => -1],
  ["returns Infinity", () => Number.POSITIVE_INFINITY],
  ["returns a word", () => "soon"],
  ["returns a number that is text", () => "250"],
  ["returns a bigint", () => 250n],
  ["returns a symbol", () => Symbol("250")],
  ["returns a list", () => [250]],
  ["returns a function", () => () => 250],
  ["is async", async () => 250],
  ["is async and rejects", async () => Promise.reject(new Error("no"))],
])("a custom backoff that %s is replaced by the default one", (_what, delay) => {
  // Contracts written in JavaScript are not type-checked.
  const backoff = custom(delay as (attempt: number) => number);

  expect([1, 2, 3, 25].map((attempt) => retryDelayMs(backoff, attempt, () => 0.5))).toEqual([
    1_000, 2_000, 4_000, 60_000,
  ]);
});
