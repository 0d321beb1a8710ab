import { expect, test } from "vitest";
import { z } from "zod";
import { z as zod3 } from "zod/v3";
import { custom } from "./backoff.js";
import { defineJob, defineJobs, type JobSpec } from "./define-job.js";

const refused = expect.objectContaining({ code: "invalid_config" });
const spec = { input: z.object({}), output: z.object({}) };

function defineWith(
  more: Partial<JobSpec<z.ZodObject, z.ZodNever, z.ZodNever, z.ZodObject, Record<string, z.ZodType>>>,
) {
  return () => defineJob("resize", { ...spec, ...more });
}

test("a contract with only schemas gets the documented defaults", () => {
  expect(defineJob("resize", spec)).toMatchObject({
    kind: "resize",
    queue: "resize",
    attempts: 3,
    backoff: { type: "exponential", delayMs: 1_000, maxMs: 60_000 },
    timeoutMs: 300_000,
    logs: "operators",
    retention: { completed: { ageMs: 86_400_000, count: 10_000 }, failed: { ageMs: 604_800_000, count: 10_000 } },
  });
});

test.each([
  ["input", { input: zod3.object({}) }],
  ["chunk", { chunk: zod3.object({}) }],
  ['the data of the error "gone"', { errors: { gone: zod3.object({}) } }],
])("a zod 3 schema is refused with a hint to update zod (%s)", (part, more) => {
  // Reflect.apply, because the call does not compile.
  const define = () => Reflect.apply(defineJob, undefined, ["resize", { ...spec, ...more }]);

  expect(define).toThrow(`Contract "resize": ${part} is not a zod 4 schema. Update zod: npm install zod@^4.0.0`);
});

test.each([
  "",
  "Resize",
  "1a",
  "-a",
  "_a",
  ".a",
  "a:b",
  "a/b",
  "{a}",
  "a b",
  "a\n",
  "é",
  "a".repeat(65),
  "a\u0000",
  "__proto__",
])("a kind called %j is refused", (kind) => {
  expect(() => defineJob(kind, spec)).toThrow(refused);
});

test.each(["send-email", "mail.send", "send_email", "a-", "a.", "a_", "a".repeat(64)])(
  "a kind called %j is accepted, and is the name of its queue",
  (kind) => {
    expect(defineJob(kind, spec)).toMatchObject({ kind, queue: kind });
    expect(Object.keys(defineJobs(defineJob(kind, spec)))).toEqual([kind]);
  },
);

test.each([
  "then",
  "catch",
  "finally",
  "toJSON",
  "submitPrepared",
  "close",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "name",
  "length",
  "apply",
  "call",
  "bind",
])("a kind called %j is refused, because clients or objects have a property of that name", (kind) => {
  expect(() => defineJob(kind, spec)).toThrow(refused);
});

test("a custom backoff is kept in the contract, and must be a function", () => {
  const backoff = custom((attempt) => attempt * 1_000);

  expect(defineJob("resize", { ...spec, retry: { backoff } }).backoff).toEqual(backoff);
  // @ts-expect-error also refused at run time
  expect(() => custom("1s")).toThrow(refused);
});

test.each([0, -1, 1.5, 26, 1e9, Number.NaN])("%d attempts are refused", (attempts) => {
  expect(defineWith({ retry: { attempts } })).toThrow(refused);
});

test.each<unknown>([
  { type: "fixed", delayMs: 0 },
  { type: "fixed", delayMs: 1e12 },
  { type: "fixed", delayMs: Number.NaN },
  { type: "exponential", delayMs: 1_000, maxMs: 1e12 },
  { type: "exponential", delayMs: -1, maxMs: 1_000 },
  { type: "linear", delayMs: 1_000 },
  {},
])("a backoff of %j is refused", (backoff) => {
  // @ts-expect-error not a valid backoff
  expect(defineWith({ retry: { backoff } })).toThrow(refused);
});

test.each([0, "25h", "366d", -1, Number.NaN] as const)("a timeout of %s is refused", (timeout) => {
  expect(defineWith({ timeout })).toThrow(refused);
});

test.each([{ age: "59s" }, { age: -1 }, { count: 0 }, { count: 1.5 }, { count: -1 }] as const)(
  "a retention of %j is refused",
  (retention) => {
    expect(defineWith({ retention: { completed: retention } })).toThrow(refused);
    expect(defineWith({ retention: { failed: retention } })).toThrow(refused);
  },
);

test.each(["", "{q}", "a b", "a/b", "a\n", "q".repeat(129)])("a queue called %j is refused", (queue) => {
  expect(defineWith({ queue })).toThrow(refused);
});

test.each(["Owner", "", "everyone", null, 1, true])("%j cannot be who reads the logs", (logs) => {
  // @ts-expect-error neither "operators" nor "owner"
  expect(defineWith({ logs })).toThrow(refused);
});

test.each([0, -1, 1.5, 1_001, Number.NaN, "2"])("a version of %j is refused", (version) => {
  // @ts-expect-error a text is not a version
  expect(defineWith({ version })).toThrow(refused);
});

const step = (old: unknown): unknown => old;

test("a contract with a version needs the upgrades to it, but the oldest ones may be removed", () => {
  expect(defineJob("resize", spec)).toMatchObject({ version: 1, upgrade: {} });
  expect(defineJob("resize", { ...spec, version: 2, upgrade: { 1: step } })).toMatchObject({ version: 2 });
  expect(defineJob("resize", { ...spec, version: 4, upgrade: { 2: step, 3: step } })).toMatchObject({ version: 4 });
  expect(defineJob("resize", { ...spec, version: 1_000, upgrade: { 999: step } })).toMatchObject({ version: 1_000 });
});

test.each<[string, number, Record<string, unknown>]>([
  ["from its own version", 2, { 1: step, 2: step }],
  ["from a later version", 2, { 1: step, 3: step }],
  ["of a contract with version 1", 1, { 1: step }],
  ["from version 0", 2, { 0: step, 1: step }],
  ["from a negative version", 2, { "-1": step, 1: step }],
  ["from half a version", 2, { 1: step, "1.5": step }],
  ["from a word", 2, { 1: step, one: step }],
  ["from a number with a leading zero", 2, { 1: step, "01": step }],
  ["from an infinite version", 2, { 1: step, Infinity: step }],
  ["that is not a function", 2, { 1: { width: 1 } }],
  ["that is missing at the end", 3, { 1: step }],
  ["that is missing in the middle", 4, { 1: step, 3: step }],
  ["that is the only one and missing", 2, {}],
])("a contract with an upgrade %s is refused", (_, version, upgrade) => {
  // @ts-expect-error not valid upgrades
  expect(defineWith({ version, upgrade })).toThrow(refused);
});

test.each(["", "No", "a-b", "1a", "a b", "__proto__", "timeout", "handler_error", "corrupt", "a".repeat(65)])(
  "an error code %j is refused",
  (code) => {
    const errors = Object.fromEntries([[code, z.object({})]]);

    expect(defineWith({ errors })).toThrow(refused);
  },
);

test("two contracts of the same kind are refused, two of the same queue are not", () => {
  const a = defineJob("a", { ...spec, queue: "shared" });
  const b = defineJob("b", { ...spec, queue: "shared" });

  expect(Object.keys(defineJobs(a, b))).toEqual(["a", "b"]);
  expect(() => defineJobs(a, b, a)).toThrow(refused);
});
