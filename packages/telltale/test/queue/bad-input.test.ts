import { expect } from "vitest";
import { decode } from "../../src/core/codec/codec.js";
import { claimOne, type Harness, test } from "./harness.js";

const input = { width: 1 };

/** Every key of a queue with its contents. */
async function everything({ redis, prefix }: Harness): Promise<unknown> {
  const keys = (await redis.keys(`${prefix}:*`)).map(String).sort();
  return Promise.all(keys.map(async (key) => [key, (await redis.dumpBuffer(key))?.toString("base64")]));
}

/** Makes the calls. Returns the error code of each, and whether Redis is unchanged. */
async function refusals(
  h: Harness,
  calls: Readonly<Record<string, () => Promise<unknown>>>,
): Promise<{ codes: Record<string, unknown>; isUntouched: boolean }> {
  // A job that the invalid calls could find or overwrite.
  await h.telltale.resize.submit(input, { owner: "ann", idempotencyKey: "k", uniqueKey: "u", tags: ["t"] });
  const before = await everything(h);
  const codes: Record<string, unknown> = {};
  for (const [name, call] of Object.entries(calls)) {
    codes[name] = await call().then(
      () => "accepted",
      (error: unknown) => (error instanceof Error && "code" in error ? error.code : String(error)),
    );
  }
  return { codes, isUntouched: JSON.stringify(await everything(h)) === JSON.stringify(before) };
}

function allOf(code: string, calls: Readonly<Record<string, unknown>>): unknown {
  return { codes: Object.fromEntries(Object.keys(calls).map((name) => [name, code])), isUntouched: true };
}

function each(
  values: readonly unknown[],
  call: (value: never) => Promise<unknown>,
): Record<string, () => Promise<unknown>> {
  return Object.fromEntries(values.map((value, i) => [`${i} ${shown(value)}`, () => call(value as never)]));
}

function shown(value: unknown): string {
  return `${typeof value} ${typeof value === "symbol" ? "" : JSON.stringify(String(value)).slice(0, 60)}`;
}

const notNames = [
  "",
  " ",
  "a b",
  "{x}",
  "a{b}c",
  "{",
  "*",
  "a*",
  "[a-z]*",
  "a?",
  "../../x",
  "a\n",
  "a\r\nDEL x",
  "\r\n*1\r\n$8\r\nFLUSHALL\r\n",
  "\"..redis.call('FLUSHALL')..\"",
  "]]",
  "--[[",
  "%s",
  "\u0000",
  "a\u0000b",
  "\u202e",
  "\u{1f600}",
  "é",
  "\ud800",
  "\udc00a",
  "x".repeat(257),
  "x".repeat(1_000_000),
  "*?".repeat(500_000),
];
const notText = [5, -1, 0x10, Number("1e400"), Number.NaN, 5n, true, null, {}, [], ["k"], Symbol("s"), () => "k"];

test("an invalid kind is rejected with unknown_kind, and nothing is written", async ({ h }) => {
  const kinds = [...notNames, ...notText, "a:b", "resize\n", "Resize", "__proto__", "constructor", "then", undefined];
  const calls = each(kinds, (kind) => h.telltale.$engine.submit({ kind, input }));

  expect(await refusals(h, calls)).toEqual(allOf("unknown_kind", calls));
});

test("an invalid idempotency key, unique key or tag is rejected with invalid_input, and nothing is written", async ({
  h,
}) => {
  const submit = (options: object) => h.telltale.$engine.submit({ kind: "resize", input, owner: "ann", ...options });
  const calls = {
    ...prefixed(
      "idempotency",
      each([...notNames, ...notText], (idempotencyKey) => submit({ idempotencyKey })),
    ),
    ...prefixed(
      "unique",
      each([...notNames, ...notText], (uniqueKey) => submit({ uniqueKey })),
    ),
    ...prefixed(
      "tag",
      each([...notNames, ...notText, "t".repeat(65)], (tag) => submit({ tags: [tag] })),
    ),
    ...prefixed(
      "tags",
      each(["t", 5, {}, null, { length: 1, 0: "t" }], (tags) => submit({ tags })),
    ),
  };

  expect(await refusals(h, calls)).toEqual(allOf("invalid_input", calls));
});

function prefixed(word: string, calls: Readonly<Record<string, () => Promise<unknown>>>): typeof calls {
  return Object.fromEntries(Object.entries(calls).map(([name, call]) => [`${word} ${name}`, call]));
}

test("keys that look like properties or patterns are ordinary keys: each creates one job and finds it again", async ({
  h,
}) => {
  const keys = [
    "__proto__",
    "constructor",
    "toString",
    "1",
    "01",
    "1.0",
    "-1",
    "1e400",
    "0x10",
    "nan",
    ":",
    "x".repeat(128),
  ];
  const submit = async (key: string) =>
    (
      await h.telltale.resize.submit(input, {
        idempotencyKey: key,
        uniqueKey: `u${key}`.slice(0, 128),
        tags: [key.slice(0, 64)],
      })
    ).id;

  const ids = await Promise.all(keys.map(submit));

  expect(new Set(ids).size).toBe(keys.length);
  expect(await Promise.all(keys.map(submit))).toEqual(ids);
  expect((await claimOne(h.scripts)).tags).toEqual(["__proto__"]);
});

test("an invalid owner is rejected with invalid_input, so that two owners are never stored as one", async ({ h }) => {
  const owners = ["", "a\nb", "x".repeat(257), "\ud800", "a\udc00", ...notText.filter((owner) => owner !== null)];
  const calls = each(owners, (owner) => h.telltale.$engine.submit({ kind: "resize", input, owner }));

  expect(await refusals(h, calls)).toEqual(allOf("invalid_input", calls));
});

test("owners with any other characters have separate keys and are returned unchanged", async ({ h }) => {
  const owners = ["{x}", "*", "a\r", "a\u0000", "\u202e", "\u{1f600}", "\ufffd", "__proto__", "a:b", "a", " "];
  const submit = async (owner: string) => (await h.telltale.resize.submit(input, { owner, idempotencyKey: "k" })).id;

  const ids = await Promise.all(owners.map(submit));

  expect(new Set(ids).size).toBe(owners.length);
  expect(await Promise.all(owners.map(submit))).toEqual(ids);
  const records = await Promise.all(ids.map((id) => h.telltale.$engine.find.read(id)));
  expect(records.map((record) => record?.owner)).toEqual(owners);
});

test("invalid times and priorities are rejected with invalid_input, and nothing is written", async ({ h }) => {
  const submit = (options: object) => h.telltale.$engine.submit({ kind: "resize", input, ...options });
  const delays = [
    -1,
    -0.5,
    1e308,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    "10",
    Number("9007199254740993"),
    5n,
    null,
    [5],
    {},
  ];
  const dates = [
    new Date(Number.NaN),
    new Date("+275761-01-01"),
    new Date(8.64e15),
    new Date(8.64e15 + 1),
    new Date(-1),
    "2026-01-01",
    1_767_225_600_000,
    "zzz",
    null,
    { getTime: () => 5 },
  ];
  const priorities = [Number.NaN, 2 ** 31, -0, 0, "", "URGENT", "normal\n", "__proto__", "toString", null, ["low"]];
  const calls = {
    ...prefixed(
      "delayMs",
      each(delays, (delayMs) => submit({ delayMs })),
    ),
    ...prefixed(
      "runAt",
      each(dates, (runAt) => submit({ runAt })),
    ),
    ...prefixed(
      "priority",
      each(priorities, (priority) => submit({ priority })),
    ),
  };

  expect(await refusals(h, calls)).toEqual(allOf("invalid_input", calls));
});

test("an invalid delay is rejected before anything is sent", async ({ h }) => {
  const durations = [-1, 1e308, Number.NaN, "10", "-1s", "1 s", "1y", "1e3s", Number("9007199254740993"), "", null];
  const calls = each(durations, (delay) => h.telltale.resize.submit(input, { delay }));

  expect(await refusals(h, calls)).toEqual(allOf("invalid_config", calls));
});

test("an unknown option is rejected, and no job is created", async ({ h }) => {
  const options = [{ kind: "archive" }, { input: {} }, { id: "x" }, { attempts: 99 }, { delays: "1h" }, { delayMs: 5 }];
  const calls = each(options, (option) => h.telltale.resize.submit(input, option as object));

  expect(await refusals(h, calls)).toEqual(allOf("invalid_input", calls));
  await expect(h.telltale.resize.submit(input, { delays: "1h" } as object)).rejects.toThrow(
    'There is no submit option "delays". The options are priority, delay, runAt',
  );
});

test("an unknown option of a schedule is rejected, and no schedule is created", async ({ h }) => {
  const schedule = { job: h.telltale.$jobs.resize, input, every: "10m", overlap: "skip" } as const;

  await expect(h.telltale.$schedules.set("hourly", schedule)).rejects.toThrow(/invalid|unrecognized_keys overlap/);
  expect(await h.telltale.$schedules.list()).toEqual([]);
});

test("every call rejects an invalid job id with not_found", async ({ h }) => {
  const zeros = "0".repeat(32);
  const ids = [
    ...[...notNames, ...notText, undefined],
    ...[`resize_${zeros}`, `resize_${zeros}\n`, `resize_${zeros}0`, `resize_${zeros.slice(1)}`, `RESIZE_${zeros}`],
    ...[`nope_${zeros}`, `__proto___${zeros}`, `constructor_${zeros}`, `re*ize_${zeros}`, `resize_${"*".repeat(32)}`],
  ];
  const { $engine } = h.telltale;
  const calls = {
    ...prefixed(
      "cancel",
      each(ids, async (id) => $engine.cancel(id)),
    ),
    ...prefixed(
      "rerun",
      each(ids, async (id) => $engine.rerun(id)),
    ),
    ...prefixed(
      "runNow",
      each(ids, async (id) => $engine.runNow(id)),
    ),
    ...prefixed(
      "watch",
      each(ids, async (id) => $engine.watch(id)[Symbol.asyncIterator]().next()),
    ),
  };

  expect(await refusals(h, calls)).toEqual(allOf("not_found", calls));
  for (const id of ids) expect(await $engine.find.read(String(id))).toBeNull();
});

const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;
const fault = (): never => {
  throw new Error("do not look");
};

test("an input that would change when stored is rejected with invalid_input, and nothing is written or polluted", async ({
  h,
}) => {
  const inputs: Readonly<Record<string, unknown>> = {
    __proto__: JSON.parse('{"__proto__":{"isAdmin":true}}'),
    "__proto__ inside": JSON.parse('{"a":[{"__proto__":{"isAdmin":true}}]}'),
    constructor: { constructor: { prototype: { isAdmin: true } } },
    prototype: { prototype: { isAdmin: true } },
    "a cycle": cyclic,
    "a function": () => 1,
    "a function inside": { run: () => 1 },
    "a symbol": Symbol("s"),
    "a promise": Promise.resolve(1),
    // biome-ignore lint/suspicious/noThenProperty: the test needs an input that never resolves when awaited.
    "a promise-like that never settles": Object.fromEntries([["then", () => {}]]),
    "Date zzz": new Date("zzz"),
    "Date zzz inside": { at: new Date("zzz") },
    "a typed array": new Uint8Array(3),
    "a RegExp": /a/,
    "an Error": new Error("s3cret"),
    "a bigint of 65 digits": BigInt("9".repeat(65)),
    "a toJSON that throws": { toJSON: fault },
    "a getter that throws": Object.defineProperty({}, "x", { get: fault, enumerable: true }),
    "a proxy nobody may look at": new Proxy({}, { get: fault, ownKeys: fault, getPrototypeOf: fault, has: fault }),
    "sixty-nine levels": Array.from({ length: 69 }).reduce((inner) => [inner], 0 as unknown),
    "a million nulls": Array(1_000_000).fill(null),
  };
  const calls = Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [name, () => h.telltale.archive.submit(value)]),
  );

  expect(await refusals(h, calls)).toEqual(allOf("invalid_input", calls));
  expect(Reflect.get({}, "isAdmin")).toBeUndefined();
});

test("a worker receives an input exactly as it was submitted", async ({ h }) => {
  const inputs = [
    -0,
    [],
    {},
    [[], {}, [{}]],
    "",
    null,
    undefined,
    Number.NaN,
    Number("9007199254740993"),
    9_007_199_254_740_993n,
    1e308,
    5e-324,
    "1e309",
    "-0",
    JSON.parse("1e309"),
    JSON.parse('{"a":1,"a":2}'),
    { "a.b": 1, "a\\.b": [new Date(0)], "": 2, " ": 3 },
    JSON.parse('{"toString":1,"hasOwnProperty":null,"then":2,"length":-1}'),
    "\r\n*1\r\n$8\r\nFLUSHALL\r\n",
    "\"..redis.call('FLUSHALL')..\"",
    "]]--[[%s",
    "\u0000\u001b[2J\u2028\ud800",
    '{"json":1,"meta":{"values":["Date"]}}',
  ];
  for (const value of inputs) await h.telltale.archive.submit(value);

  const scripts = h.telltale.$engine.scripts("archive");
  const stored: unknown[] = [];
  for (const _ of inputs) stored.push(decode((await claimOne(scripts)).input));

  expect(stored).toStrictEqual(inputs);
  expect(Reflect.get({}, "isAdmin")).toBeUndefined();
});
