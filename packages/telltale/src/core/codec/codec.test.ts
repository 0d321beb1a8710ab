import { expect, test } from "vitest";
import { decode, encode, transformer } from "./codec.js";

const refused = expect.objectContaining({ code: "invalid_input" });

function roundTrip(value: unknown): unknown {
  return decode(encode(value));
}

test.each([
  ["a Date", new Date(1_700_000_000_123)],
  [
    "a Map with keys of any kind",
    new Map<unknown, unknown>([
      ["a", 1],
      [{ b: 2 }, new Date(0)],
    ]),
  ],
  ["a Set", new Set([1, "two", 3n])],
  ["a bigint", 9_007_199_254_740_993n],
  ["a negative bigint of 64 digits", -BigInt("9".repeat(64))],
  ["undefined inside an object", { a: undefined, b: [undefined, 1] }],
  ["minus zero", -0],
  ["NaN and the infinities", [Number.NaN, Infinity, -Infinity]],
  ["an empty list, which is not an empty object", { list: [], object: {} }],
  ["text that JSON has to escape", { text: '"\\\n\u2028\u0000\ud800 \u{1f600}' }],
  ["keys with dots and backslashes", { "a.b": new Date(1), "c\\.d": 2n, "e\\": { "f.": new Set([1]) } }],
  ["a key that looks like a number", { 0: new Date(0), "1": [1n] }],
  ["a Map inside a Set inside a list", [new Set([new Map([["a", new Set([1n])]])])]],
])("%s comes back as it was", (_, value) => {
  expect(roundTrip(value)).toStrictEqual(value);
});

test("an instance of a class is stored as its fields, or as what its toJSON answers", () => {
  class Money {
    cents = 5;
    add = (): void => {};
    toJSON = (): string => "0.05";
  }

  expect(
    roundTrip({
      a: new Money(),
      b: new (class Point {
        x = 1;
      })(),
    }),
  ).toEqual({ a: "0.05", b: { x: 1 } });
});

test("undefined and null alone come back as they were", () => {
  expect(roundTrip(undefined)).toBeUndefined();
  expect(roundTrip(null)).toBeNull();
});

test("an object met twice comes back as one object", () => {
  const shared = { n: 1 };

  const value = roundTrip({ a: shared, b: [shared] });

  expect(value).toStrictEqual({ a: shared, b: [shared] });
});

test.each([
  ["a RegExp", /a/],
  ["an Error", new Error("secret")],
  ["a URL", new URL("http://localhost/")],
  ["a typed array", new Uint8Array(3)],
  [
    "a symbol's neighbour that throws",
    {
      get a() {
        throw new Error("no");
      },
    },
  ],
  [
    "a toJSON that throws",
    {
      toJSON: () => {
        throw new Error("no");
      },
    },
  ],
  ["a bigint of 65 digits", BigInt("9".repeat(65))],
  ["a key that pollutes", JSON.parse('{"__proto__":{"isAdmin":true}}')],
  ["a constructor key", { constructor: { prototype: { x: 1 } } }],
  ["a function", () => 1],
  ["a function inside an object", { a: [{ run: () => 1 }] }],
  ["a symbol", Symbol("a")],
  ["a symbol in a list", [Symbol("a")]],
  ["a promise nobody awaited", { total: Promise.resolve(1) }],
  ["a Date that is none", { at: new Date("zzz") }],
  [
    "a Date inside an instance of a class",
    new (class Shift {
      at = new Date(0);
    })(),
  ],
  [
    "a Map inside an instance of a class",
    new (class Index {
      of = new Map();
    })(),
  ],
  [
    "NaN inside an instance of a class",
    new (class Point {
      x = Number.NaN;
    })(),
  ],
  [
    "a value whose own name throws",
    {
      get [Symbol.toStringTag]() {
        throw new Error("no");
      },
    },
  ],
])("%s is refused when it is stored, not when it is read", (_, value) => {
  expect(() => encode(value)).toThrow(refused);
});

test("a cycle is refused when it is stored, and when somebody else stored it", () => {
  const value: { self?: unknown } = {};
  value.self = value;

  expect(() => encode(value)).toThrow(refused);
  expect(() => encode({ a: [value] })).toThrow(refused);
  expect(() => encode(new Map([[1, new Set([value])]]))).toThrow(refused);
  expect(() => decode('{"json":{"self":null},"meta":{"referentialEqualities":[["self"]]}}')).toThrow(refused);
});

test("a value nested as deep as allowed is stored, one level more is refused", () => {
  const nested = (depth: number): unknown => JSON.parse("[".repeat(depth) + "]".repeat(depth));

  expect(roundTrip(nested(64))).toStrictEqual(nested(64));
  expect(() => encode(nested(5_000))).toThrow(refused);
});

test.each([
  ["S1 a polluting key", '{"json":{"__proto__":{"isAdmin":true},"a":1}}'],
  ["S2 a polluting constructor", '{"json":{"constructor":{"prototype":{"isAdmin":true}}}}'],
])("%s pollutes nothing", (_, text) => {
  try {
    decode(text);
  } catch (error) {
    expect(error).toMatchObject({ code: "invalid_input" });
  }

  expect(Reflect.get({}, "isAdmin")).toBeUndefined();
});

test.each([
  ["S15 a path to the prototype", '{"json":{"a":1},"meta":{"values":{"__proto__.x":["Date"]}}}'],
  ["S15 a nested path to the prototype", '{"json":{"a":1},"meta":{"values":{"__proto__":{"x":["Date"]}}}}'],
  [
    "S16 a reference into the constructor",
    '{"json":{"a":"x"},"meta":{"referentialEqualities":{"a":["constructor.prototype.p"]}}}',
  ],
  [
    "S17 a typed array of four gigabytes",
    '{"json":{"a":4000000000},"meta":{"values":{"a":[["typed-array","Uint8Array"]]}}}',
  ],
  ["S18 a regular expression", '{"json":{"a":"/(a+)+$/"},"meta":{"values":{"a":["regexp"]}}}'],
  ["S19 a class", '{"json":{"a":{}},"meta":{"values":{"a":[["class","Thing"]]}}}'],
  ["S19 a custom type", '{"json":{"a":{}},"meta":{"values":{"a":[["custom","thing"]]}}}'],
  ["S19 a symbol", '{"json":{"a":"s"},"meta":{"values":{"a":[["symbol","s"]]}}}'],
  ["S19 an Error", '{"json":{"a":{}},"meta":{"values":{"a":["Error"]}}}'],
  ["S19 a URL", '{"json":{"a":"http://h"},"meta":{"values":{"a":["URL"]}}}'],
  ["S19 a Map of no list", '{"json":5,"meta":{"values":["map"]}}'],
  ["S19 a Set of no list", '{"json":{"a":5},"meta":{"values":{"a":["set"]}}}'],
  ["a type that is a method of every object", '{"json":1,"meta":{"values":["toString"]}}'],
  ["a meta that is a list", '{"json":1,"meta":[]}'],
  ["values that are a number", '{"json":1,"meta":{"values":5}}'],
  ["annotations whose children are text", '{"json":[1],"meta":{"values":["set","x"]}}'],
  ["references that are text", '{"json":1,"meta":{"referentialEqualities":"x"}}'],
  ["an object without json but a number", "5"],
  ["a list", "[]"],
  ["null", "null"],
  ["no JSON", "{"],
  ["nothing", ""],
])("%s is refused", (_, text) => {
  expect(() => decode(text)).toThrow(refused);
});

test.each([
  ["S4 a hundred thousand brackets", `{"json":${"[".repeat(100_000)}${"]".repeat(100_000)}}`],
  ["S5 five thousand objects inside each other", `{"json":${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}}`],
  ["S13 a list of a million nulls", `{"json":[${"null,".repeat(999_999)}null]}`],
  ["S19 a bigint of a million digits", `{"json":"${"9".repeat(1_000_000)}","meta":{"values":["bigint"]}}`],
  ["S19 two hundred thousand annotations", `{"json":{},"meta":{"values":{${paths(200_000, '["Date"]')}}}}`],
  [
    "two hundred thousand references",
    `{"json":{"a":[]},"meta":{"referentialEqualities":{${paths(100_000, '["a"]')}}}}`,
  ],
  ["references into a long Set", longSetWithReferences(150_000, 5_000)],
  ["a tree of references that doubles forty times", referenceBomb(40)],
  [
    "an annotation nested a thousand deep",
    `{"json":1,"meta":{"values":${'{"a":'.repeat(1_000)}["Date"]${"}".repeat(1_000)}}}`,
  ],
])("%s is refused within a second", (_, text) => {
  // Reading JSON is the platform's; what comes after it is ours. Processor time, because tests run beside each other.
  const parsed: unknown = JSON.parse(text);
  const startedAt = process.cpuUsage();

  expect(() => transformer.deserialize(parsed)).toThrow(refused);

  const { user, system } = process.cpuUsage(startedAt);
  expect((user + system) / 1_000).toBeLessThan(1_000);
});

test("S13 an object of a hundred thousand keys is read", () => {
  expect(Object.keys(Object(decode(`{"json":{${paths(100_000, "1")}}}`)))).toHaveLength(100_000);
});

test("the transformer speaks superjson's own wire format, and passes an absent value on", () => {
  const wire = transformer.serialize({ at: new Date(5) });

  expect(wire).toMatchObject({ json: { at: new Date(5).toISOString() } });
  expect(transformer.deserialize(JSON.parse(JSON.stringify(wire)))).toStrictEqual({ at: new Date(5) });
  expect(transformer.deserialize(undefined)).toBeUndefined();
});

function paths(count: number, value: string): string {
  return Array.from({ length: count }, (_, i) => `"k${i}":${value}`).join(",");
}

function longSetWithReferences(length: number, references: number): string {
  const list = Array.from({ length }, (_, i) => i).join(",");
  const equalities = Array.from({ length: references }, (_, i) => `"s.${length - 1 - i}":["x"]`).join(",");
  return `{"json":{"s":[${list}],"x":1},"meta":{"values":{"s":["set"]},"referentialEqualities":{${equalities}}}}`;
}

function referenceBomb(levels: number): string {
  const json = Array.from({ length: levels }, (_, i) => `"l${i}":{"a":1,"b":1}`).join(",");
  const equalities = Array.from({ length: levels - 1 }, (_, i) => `"l${i}":["l${i + 1}.a","l${i + 1}.b"]`).join(",");
  return `{"json":{${json}},"meta":{"referentialEqualities":{${equalities}}}}`;
}
