import { expect, test } from "vitest";
import { encode } from "../../core/internal.js";
import { fingerprint } from "./fingerprint.js";

const day = new Date(0);
const price = { cents: 5 };

test.each<[string, unknown, unknown]>([
  ["one Date used twice, and two equal Dates", { from: day, to: day }, { from: new Date(0), to: new Date(0) }],
  ["one object used twice, and two equal objects", [price, price], [{ cents: 5 }, { cents: 5 }]],
  ["another order of keys", { a: 1, b: { c: day, d: 2n } }, { b: { d: 2n, c: day }, a: 1 }],
  ["another order of keys with one object used twice", { a: price, b: [price] }, { b: [price], a: price }],
  [
    "another order of the entries of a Map",
    new Map([
      [1, day],
      [2, new Date(1)],
    ]),
    new Map([
      [2, new Date(1)],
      [1, day],
    ]),
  ],
  ["another order of the items of a Set", new Set([3n, "3", 3]), new Set([3, 3n, "3"])],
  ["keys with dots", { "a.b": day, c: 1 }, { c: 1, "a.b": day }],
])("equal inputs have equal fingerprints: %s", (_, one, other) => {
  expect(fingerprint(encode(one))).toBe(fingerprint(encode(other)));
});

test("different inputs have different fingerprints, even if they look alike when printed", () => {
  const inputs = [
    ...[null, undefined, 0, -0, "0", 0n, false, "", Number.NaN, "NaN", "null", "undefined"],
    ...[[], {}, new Map(), new Set(), [[]], [null], [undefined], ["a", "b"], ["a,b"], ["b", "a"]],
    ...[{ a: 1 }, { a: "1" }, { a: 1n }, { "a:1": 1 }, new Map([["a", 1]]), [["a", 1]], new Set(["a", 1])],
    ...[day, day.toISOString(), "Date(0)", { a: { b: 1 } }, { a: 1, b: {} }, { a: 1, b: undefined }, { "a.b": 1 }],
  ];

  expect(new Set(inputs.map((input) => fingerprint(encode(input)))).size).toBe(inputs.length);
});
