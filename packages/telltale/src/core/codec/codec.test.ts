import { runInNewContext } from "node:vm";
import { WORST_WIRES } from "@telltale/testkit";
import fc from "fast-check";
import { SuperJSON } from "superjson";
import { afterEach, expect, test, vi } from "vitest";
import { MAX_PARTS } from "./bounded.js";
import { decode, encode } from "./codec.js";
import { toWire } from "./to-wire.js";
import { transformer } from "./transformer.js";

const PROTOTYPE_KEYS = Reflect.ownKeys(Object.prototype);
const refused = expect.objectContaining({ code: "invalid_input" });

class Money {
  cents = 5;
  toJSON = (): string => "0.05";
}

class Point {
  x = 1;
}

function sum(..._numbers: number[]): IArguments {
  // biome-ignore lint/complexity/noArguments: a caller may pass this object by mistake.
  return arguments;
}

afterEach(() => {
  vi.restoreAllMocks();
});

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
])("%s is the same after storing and reading", (_, value) => {
  expect(roundTrip(value)).toStrictEqual(value);
});

const anything = fc.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  withObjectString: true,
  maxDepth: 4,
});

test("every value is refused, or equal after storing and reading", () => {
  let stored = 0;

  fc.assert(
    fc.property(anything, (value) => {
      let text: string;
      try {
        text = encode(value);
      } catch (error) {
        expect(error).toEqual(refused);
        return;
      }
      stored++;
      expect(decode(text)).toStrictEqual(value);
    }),
    { numRuns: 2_000 },
  );

  expect(stored).toBeGreaterThan(200);
});

// superjson refuses to write properties with these names.
function isWrittenBySuperjson(value: unknown): boolean {
  return !/__proto__|prototype|constructor/.test(fc.stringify(value));
}

test("every storable value is written as superjson writes it", () => {
  const superjson = new SuperJSON();
  let compared = 0;

  fc.assert(
    fc.property(anything, (value) => {
      fc.pre(isWrittenBySuperjson(value));
      try {
        encode(value);
      } catch {
        return;
      }
      compared++;
      const { json, meta } = superjson.serialize(value);
      const values = meta?.values && { meta: { values: meta.values, v: meta.v } };
      expect(toWire(value)).toStrictEqual({ json, ...values });
    }),
    { numRuns: 2_000 },
  );

  expect(compared).toBeGreaterThan(200);
});

test.each([false, true])("wires of superjson are read as superjson reads them, with dedupe %s", (dedupe) => {
  const superjson = new SuperJSON({ dedupe });
  const shared = { at: new Date(0), list: [1, { n: 2n }], of: new Map([["a", { b: 1 }]]) };

  fc.assert(
    fc.property(anything, fc.boolean(), (value, isShared) => {
      fc.pre(isWrittenBySuperjson(value));
      const wire = JSON.stringify(superjson.serialize(isShared ? [shared, value, { again: shared }] : value));
      let actual: unknown;
      try {
        actual = transformer.deserialize(JSON.parse(wire));
      } catch (error) {
        expect(error).toEqual(refused);
        return;
      }
      expect(actual).toStrictEqual(superjson.deserialize(JSON.parse(wire)));
    }),
    { numRuns: 2_000 },
  );
});

test("undefined and null on their own can be stored", () => {
  expect(roundTrip(undefined)).toBeUndefined();
  expect(roundTrip(null)).toBeNull();
});

test("an object that is used twice is stored as if it were two equal objects", () => {
  const at = new Date(0);
  const shared = { n: 1 };

  expect(encode({ from: at, to: at, a: shared, b: [shared] })).toBe(
    encode({ from: new Date(0), to: new Date(0), a: { n: 1 }, b: [{ n: 1 }] }),
  );
  expect(roundTrip({ a: shared, b: [shared] })).toStrictEqual({ a: shared, b: [shared] });
});

test("objects without a prototype and objects of another realm are read as ordinary objects", () => {
  const value = { a: Object.assign(Object.create(null), { b: 1 }), c: runInNewContext("({ d: { e: 2 } })") };

  expect(roundTrip(value)).toStrictEqual({ a: { b: 1 }, c: { d: { e: 2 } } });
});

test("a refused value names the part that cannot be stored", () => {
  const value = { orders: [{ total: 1 }, { total: new Money() }] };

  expect(() => encode(value)).toThrow("The value at orders.1.total is an instance of Money, which cannot be stored");
});

test.each([
  ["a RegExp", /a/],
  ["an Error", new Error("secret")],
  ["a URL", new URL("http://localhost/")],
  ["a typed array", new Uint8Array(3)],
  [
    "a getter that throws",
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
  ["a promise that was not awaited", { total: Promise.resolve(1) }],
  ["an invalid Date", { at: new Date("zzz") }],
  ["an instance of a class", new Money()],
  ["an instance of a class that JSON would flatten", new Point()],
  ["an instance of a class in a Map", new Map([["price", new Money()]])],
  ["a subclass of Date", new (class Day extends Date {})(0)],
  ["a subclass of Array", new (class List extends Array {})()],
  ["a subclass of Map", new (class Index extends Map {})()],
  ["an object that inherits its properties", Object.create({ a: 1 })],
  ["a boxed number", Object(5)],
  ["a boxed string", Object("text")],
  ["a boxed bigint", Object(5n)],
  ["a list with a hole", Object.assign([], { 0: 1, 2: 3 })],
  ["a list of four billion holes", Object.assign([], { length: 4_000_000_000 })],
  ["a match of a regular expression, which is a list with properties", /a/.exec("a")],
  ["a Map with properties", Object.assign(new Map(), { name: "prices" })],
  ["a Set with properties", Object.assign(new Set(), { name: "prices" })],
  ["an object with a symbol as a key", { [Symbol("a")]: 1 }],
  ["the arguments of a call", sum(1, 2)],
  ["an object with a tag of its own", { [Symbol.toStringTag]: "Thing" }],
  ["a Date of another realm", runInNewContext("new Date(0)")],
  ["a buffer", Buffer.from("a")],
  ["a WeakMap", new WeakMap()],
  ["an iterator", [1].values()],
  [
    "a value whose tag throws",
    {
      get [Symbol.toStringTag]() {
        throw new Error("no");
      },
    },
  ],
])("%s is refused when it is stored, not when it is read", (_, value) => {
  expect(() => encode(value)).toThrow(refused);
});

test("a cycle is refused when a value is stored, and when a text that contains one is read", () => {
  const value: { self?: unknown } = {};
  value.self = value;

  expect(() => encode(value)).toThrow(refused);
  expect(() => encode({ a: [value] })).toThrow(refused);
  expect(() => encode(new Map([[1, new Set([value])]]))).toThrow(refused);
  expect(() => decode('{"json":{"self":null},"meta":{"referentialEqualities":[["self"]]}}')).toThrow(refused);
});

test("a value of 64 levels can be stored, a much deeper one is refused", () => {
  const nested = (depth: number): unknown => JSON.parse("[".repeat(depth) + "]".repeat(depth));

  expect(roundTrip(nested(64))).toStrictEqual(nested(64));
  expect(() => encode(nested(5_000))).toThrow(refused);
});

test.each([
  ["a polluting key", '{"json":{"__proto__":{"isAdmin":true},"a":1}}'],
  ["a polluting constructor", '{"json":{"constructor":{"prototype":{"isAdmin":true}}}}'],
])("%s does not change any prototype", (_, text) => {
  try {
    decode(text);
  } catch (error) {
    expect(error).toMatchObject({ code: "invalid_input" });
  }

  expect(Reflect.get({}, "isAdmin")).toBeUndefined();
});

test.each([
  ["a path to the prototype", '{"json":{"a":1},"meta":{"values":{"__proto__.x":["Date"]}}}'],
  ["a nested path to the prototype", '{"json":{"a":1},"meta":{"values":{"__proto__":{"x":["Date"]}}}}'],
  [
    "a reference into the constructor",
    '{"json":{"a":"x"},"meta":{"referentialEqualities":{"a":["constructor.prototype.p"]}}}',
  ],
  [
    "a typed array of four gigabytes",
    '{"json":{"a":4000000000},"meta":{"values":{"a":[["typed-array","Uint8Array"]]}}}',
  ],
  ["a regular expression", '{"json":{"a":"/(a+)+$/"},"meta":{"values":{"a":["regexp"]}}}'],
  ["a class", '{"json":{"a":{}},"meta":{"values":{"a":[["class","Thing"]]}}}'],
  ["a custom type", '{"json":{"a":{}},"meta":{"values":{"a":[["custom","thing"]]}}}'],
  ["a symbol", '{"json":{"a":"s"},"meta":{"values":{"a":[["symbol","s"]]}}}'],
  ["an Error", '{"json":{"a":{}},"meta":{"values":{"a":["Error"]}}}'],
  ["a URL", '{"json":{"a":"http://h"},"meta":{"values":{"a":["URL"]}}}'],
  ["a Map that is not a list", '{"json":5,"meta":{"values":["map"]}}'],
  ["a Set that is not a list", '{"json":{"a":5},"meta":{"values":{"a":["set"]}}}'],
  ["a type that is a method of every object", '{"json":1,"meta":{"values":["toString"]}}'],
  ["a meta that is a list", '{"json":1,"meta":[]}'],
  ["values that are a number", '{"json":1,"meta":{"values":5}}'],
  ["annotations whose children are text", '{"json":[1],"meta":{"values":["set","x"]}}'],
  ["references that are text", '{"json":1,"meta":{"referentialEqualities":"x"}}'],
  ["a number", "5"],
  ["a list", "[]"],
  ["null", "null"],
  ["a text that is not JSON", "{"],
  ["an empty text", ""],
])("%s is refused", (_, text) => {
  expect(() => decode(text)).toThrow(refused);
});

test.each([
  ["a hundred thousand brackets", `{"json":${"[".repeat(100_000)}${"]".repeat(100_000)}}`],
  ["five thousand objects inside each other", `{"json":${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}}`],
  ["a list of a million nulls", `{"json":[${"null,".repeat(999_999)}null]}`],
  ["a bigint of a million digits", `{"json":"${"9".repeat(1_000_000)}","meta":{"values":["bigint"]}}`],
  ["two hundred thousand annotations", `{"json":{},"meta":{"values":{${paths(200_000, '["Date"]')}}}}`],
  [
    "two hundred thousand references",
    `{"json":{"a":[]},"meta":{"referentialEqualities":{${paths(100_000, '["a"]')}}}}`,
  ],
  ["references that double forty times", WORST_WIRES["references that double forty times"] ?? ""],
  [
    "an annotation nested a thousand deep",
    `{"json":1,"meta":{"values":${'{"a":'.repeat(1_000)}["Date"]${"}".repeat(1_000)}}}`,
  ],
])("%s is refused", (_, text) => {
  expect(() => transformer.deserialize(JSON.parse(text))).toThrow(refused);
});

test("a payload may have ten thousand references, and not one more", () => {
  const wire = (references: number): unknown => ({
    json: { shared: { a: 1 }, others: Array.from({ length: references }, () => null) },
    meta: { referentialEqualities: { shared: Array.from({ length: references }, (_, i) => `others.${i}`) } },
  });

  // The shared part counts too.
  expect(transformer.deserialize(wire(9_999))).toMatchObject({ others: { length: 9_999 } });
  expect(() => transformer.deserialize(wire(10_000))).toThrow(/too many references/);
});

test("references into a Set may cost a million steps, and not more", () => {
  const SIZE = 10_000;
  const wire = (references: number): unknown => ({
    json: { set: Array.from({ length: SIZE }, (_, i) => i), others: Array.from({ length: references }, () => null) },
    meta: {
      values: { set: ["set"] },
      referentialEqualities: { [`set.${SIZE - 1}`]: Array.from({ length: references }, (_, i) => `others.${i}`) },
    },
  });
  const many = (references: number): unknown => ({
    json: { set: Array.from({ length: SIZE }, (_, i) => i), others: Array.from({ length: references }, () => null) },
    meta: {
      values: { set: ["set"] },
      referentialEqualities: Object.fromEntries(
        Array.from({ length: references }, (_, i) => [`set.${SIZE - 1 - i}`, [`others.${i}`]]),
      ),
    },
  });

  expect(transformer.deserialize(wire(100))).toMatchObject({ others: { 99: SIZE - 1 } });
  expect(transformer.deserialize(many(99))).toMatchObject({ others: { 0: SIZE - 1 } });
  expect(() => transformer.deserialize(many(102))).toThrow(/too many references into a Map or Set/);
});

test.each(Object.entries(WORST_WIRES))(
  "the steps to read a text are limited by its length and the most parts of a value: %s",
  (_, text) => {
    const wire: unknown = JSON.parse(text);
    const lookups = vi.spyOn(Reflect, "get");
    const checks = vi.spyOn(Object, "hasOwn");

    try {
      transformer.deserialize(wire);
    } catch (error) {
      expect(error).toEqual(refused);
    }

    const most = text.length + MAX_PARTS;
    expect(lookups.mock.calls.length).toBeLessThan(most);
    expect(checks.mock.calls.length).toBeLessThan(most);
  },
);

test("a text with any annotations at any paths is read or refused with invalid_input, and prototypes stay unchanged", () => {
  const segment = fc.constantFrom("a", "b", "0", "1", "a\\.b", "length", "__proto__", "", "\\");
  const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join("."));
  const type = fc.constantFrom("Date", "map", "set", "bigint", "undefined", "number", "regexp", "class");
  const { node } = fc.letrec((tie) => ({
    node: fc.oneof(
      fc.tuple(type),
      fc.tuple(type, fc.dictionary(path, tie("node"), { maxKeys: 3 })),
      fc.dictionary(path, tie("node"), { maxKeys: 3 }),
    ),
  }));
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      fc.constantFrom(null, "5", "NaN", "2020-01-01", 1, true),
      fc.array(fc.oneof(tie("json"), fc.tuple(tie("json"), tie("json"))), { maxLength: 3 }),
      fc.record({ a: tie("json"), b: tie("json"), "a.b": tie("json") }, { requiredKeys: [] }),
    ),
  }));
  const references = fc.oneof(fc.dictionary(path, fc.array(path, { maxLength: 2 })), fc.anything());
  let read = 0;

  fc.assert(
    fc.property(json, node, fc.option(references, { nil: undefined }), fc.constantFrom(0, 1), (...parts) => {
      const [value, values, referentialEqualities, v] = parts;
      try {
        transformer.deserialize(structuredClone({ json: value, meta: { values, referentialEqualities, v } }));
        read++;
      } catch (error) {
        expect(error).toEqual(refused);
      }
    }),
    { numRuns: 3_000 },
  );

  expect(read).toBeGreaterThan(50);
  expect(Reflect.ownKeys(Object.prototype)).toEqual(PROTOTYPE_KEYS);
});

test("an object of ninety-nine thousand keys is read", () => {
  expect(Object.keys(Object(decode(`{"json":{${paths(99_000, "1")}}}`)))).toHaveLength(99_000);
});

test("the transformer uses superjson's wire format, and accepts undefined", () => {
  const wire = transformer.serialize({ at: new Date(5) });

  expect(wire).toMatchObject({ json: { at: new Date(5).toISOString() } });
  expect(transformer.deserialize(JSON.parse(JSON.stringify(wire)))).toStrictEqual({ at: new Date(5) });
  expect(transformer.deserialize(undefined)).toBeUndefined();
});

function paths(count: number, value: string): string {
  return Array.from({ length: count }, (_, i) => `"k${i}":${value}`).join(",");
}
