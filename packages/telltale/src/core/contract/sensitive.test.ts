import { expect, test } from "vitest";
import { redact, redactText, sensitivePaths, sensitiveTexts } from "./sensitive.js";

const paths = (...all: string[]) => sensitivePaths("pay", all);

test("values of any type at a path are replaced, and nothing else is", () => {
  const value = { card: { number: "4111", owner: "ann" }, secret: { deep: [1, 2] }, n: 1, none: undefined };

  expect(redact(value, paths("card.number", "secret", "none", "missing.too"))).toEqual({
    card: { number: "[redacted]", owner: "ann" },
    secret: "[redacted]",
    n: 1,
    none: undefined,
  });
  expect(value.card.number).toBe("4111");
});

test.each([
  ["each of a list", { cards: [{ number: "1", a: 1 }, { number: "2" }] }, "cards.number"],
  ["each of a list, by a star", { cards: [{ number: "1", a: 1 }, { number: "2" }] }, "cards.*.number"],
  ["each of an object", { cards: { x: { number: "1", a: 1 }, y: { number: "2" } } }, "cards.*.number"],
  ["each of a map", { cards: new Map([["x", { number: "1" }]]) }, "cards.*.number"],
  ["one of a map", { cards: new Map([["x", { number: "1" }]]) }, "cards.x.number"],
  ["each of a set", { cards: new Set([{ number: "1" }]) }, "cards.number"],
])("a path leads to %s", (_what, value, path) => {
  const found = sensitiveTexts([redact(value, paths(path))], paths(path));

  expect(new Set(found)).toEqual(new Set(["[redacted]"]));
});

test("a name such as __proto__ changes no prototype", () => {
  const value = JSON.parse('{ "__proto__": { "polluted": "secret" }, "a": 1 }');

  const redacted = redact(value, paths("__proto__.polluted"));

  expect(Object.getPrototypeOf(redacted)).toBe(Object.prototype);
  expect(JSON.stringify(redacted)).not.toContain("secret");
  expect(Object(Object.prototype).polluted).toBeUndefined();
});

test("Dates and instances of classes are left as they are", () => {
  const at = new Date(0);

  expect(redact({ at }, paths("at.getTime"))).toEqual({ at });
  expect(redact({ at }, paths("at"))).toEqual({ at: "[redacted]" });
});

test("sensitive texts are found in other texts, longer ones first, and short ones are not", () => {
  const texts = sensitiveTexts(
    [{ card: { number: "4111 1111", pin: 1234, code: "12" }, all: ["4111 1111 1111", { deep: 99_999n }] }],
    paths("card.number", "card.pin", "card.code", "all"),
  );

  expect(texts).toEqual(["4111 1111 1111", "4111 1111", "99999", "1234"]);
  expect(redactText("card 4111 1111 1111, pin 1234, code 12", texts)).toBe("card [redacted], pin [redacted], code 12");
});

test("a text is replaced as a whole if there is too much to look for", () => {
  const texts = sensitiveTexts([{ all: Array.from({ length: 300 }, (_, i) => `secret ${i}`) }], paths("all"));

  expect(redactText("nothing of that", texts)).toBe("[redacted]");
});

test.each([
  ["an empty path", [""]],
  ["an empty name", ["card..number"]],
  ["a path with a space", ["card number"]],
  ["a path that is not a text", [7]],
  ["a very deep path", ["a.b.c.d.e.f.g.h.i.j.k"]],
  ["too many paths", Array.from({ length: 51 }, (_, i) => `a${i}`)],
  ["something else than a list", "card.number"],
])("%s is refused", (_what, given) => {
  expect(() => sensitivePaths("pay", Object(given) as string[])).toThrow(
    expect.objectContaining({ code: "invalid_config", message: expect.stringContaining('Contract "pay": sensitive') }),
  );
});
