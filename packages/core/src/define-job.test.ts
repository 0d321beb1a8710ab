import { expect, test } from "vitest";
import { z } from "zod";
import { custom } from "./backoff.js";
import { defineJob, defineJobs, type JobSpec } from "./define-job.js";

const refused = expect.objectContaining({ code: "invalid_config" });
const spec = { input: z.object({}), output: z.object({}) };

function defineWith(
  more: Partial<JobSpec<z.ZodObject, z.ZodNever, z.ZodNever, z.ZodObject, Record<string, z.ZodType>>>,
) {
  return () => defineJob("resize", { ...spec, ...more });
}

test("a contract says nothing but its schemas and gets the documented defaults", () => {
  expect(defineJob("resize", spec)).toMatchObject({
    kind: "resize",
    queue: "resize",
    attempts: 3,
    backoff: { type: "exponential", delayMs: 1_000, maxMs: 60_000 },
    timeoutMs: 300_000,
    retention: { completed: { ageMs: 86_400_000, count: 10_000 }, failed: { ageMs: 604_800_000, count: 10_000 } },
  });
});

test.each([
  "",
  "Resize",
  "1a",
  "a-b",
  "a_b",
  "a.b",
  "a:b",
  "{a}",
  "a b",
  "a\n",
  "é",
  "a".repeat(49),
  "a\u0000",
  "__proto__",
])("S7 a kind called %j is refused", (kind) => {
  expect(() => defineJob(kind, spec)).toThrow(refused);
});

test.each([
  "then",
  "catch",
  "finally",
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
])("a kind called %j is refused, because clients and objects have it already", (kind) => {
  expect(() => defineJob(kind, spec)).toThrow(refused);
});

test("a contract's own backoff is kept as it was made, and has to be a function", () => {
  const backoff = custom((attempt) => attempt * 1_000);

  expect(defineJob("resize", { ...spec, retry: { backoff } }).backoff).toBe(backoff);
  // @ts-expect-error what does not compile is refused at run time too
  expect(() => custom("1s")).toThrow(refused);
});

test.each([0, -1, 1.5, 26, 1e9, Number.NaN])("S10 %d attempts are refused", (attempts) => {
  expect(defineWith({ retry: { attempts } })).toThrow(refused);
});

test.each([0, "25h", "366d", -1, Number.NaN] as const)("S10 a timeout of %s is refused", (timeout) => {
  expect(defineWith({ timeout })).toThrow(refused);
});

test.each([{ age: "59s" }, { age: -1 }, { count: 0 }, { count: 1.5 }, { count: -1 }] as const)(
  "S10 a retention of %j is refused",
  (retention) => {
    expect(defineWith({ retention: { completed: retention } })).toThrow(refused);
    expect(defineWith({ retention: { failed: retention } })).toThrow(refused);
  },
);

test.each(["", "{q}", "a b", "a/b", "a\n", "q".repeat(129)])("S7 a queue called %j is refused", (queue) => {
  expect(defineWith({ queue })).toThrow(refused);
});

test.each(["", "No", "a-b", "1a", "a b", "__proto__", "timeout", "handler_error", "corrupt", "a".repeat(49)])(
  "an error code %j is refused",
  (code) => {
    const errors = Object.fromEntries([[code, z.object({})]]);

    expect(defineWith({ errors })).toThrow(refused);
  },
);

test("two contracts of one kind are refused, two of one queue are not", () => {
  const a = defineJob("a", { ...spec, queue: "shared" });
  const b = defineJob("b", { ...spec, queue: "shared" });

  expect(Object.keys(defineJobs(a, b))).toEqual(["a", "b"]);
  expect(() => defineJobs(a, b, a)).toThrow(refused);
});
