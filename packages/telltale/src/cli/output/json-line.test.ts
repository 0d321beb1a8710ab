import { expect, test } from "vitest";
import { jsonLine } from "./json-line.js";

test("values of superjson are printed as JSON", () => {
  const value = { at: new Date(0), big: 12n, set: new Set([1]), map: new Map([["a", 1]]), gone: undefined };

  expect(JSON.parse(jsonLine(value))).toEqual({
    at: "1970-01-01T00:00:00.000Z",
    big: "12",
    set: [1],
    map: [["a", 1]],
    gone: null,
  });
});

test.each(["\u001b[2J", "\u009b2J", "\u202e", "\u2028", "\u007f", "\u{e0001}", "\ud800", "a\nb"])(
  "%j is printed as one line without escape sequences, and can be read back unchanged",
  (text) => {
    const line = jsonLine({ text });

    expect(line).toMatch(/^[\x20-\x7e]+$/);
    expect(JSON.parse(line)).toEqual({ text });
  },
);

test("undefined is printed as null", () => {
  expect(jsonLine(undefined)).toBe("null");
});
