import colors from "picocolors";
import type { JobLogLine } from "telltale";
import { expect, test } from "vitest";
import { LogText } from "./log-text.js";

const PLAIN = { palette: colors.createColors(false) };
const LINE: JobLogLine = { id: "mail_1", n: 1, at: 0, round: 1, attempt: 1, level: "info", message: "sent" };
const TIME = "1970-01-01T00:00:00.000Z";

const textOf = (...lines: Partial<JobLogLine>[]): string[] => {
  const text = new LogText(PLAIN);
  return lines.flatMap((line) => text.of({ ...LINE, ...line }));
};

test("a line has its time, level and message, and its data as name=value", () => {
  const data = { order: 7, name: "two words", list: [1], at: "2026-01-01T00:00:00.000Z" };

  expect(textOf({ data })).toEqual([
    `${TIME} info  sent order=7 name="two words" list=[1] at=2026-01-01T00:00:00.000Z`,
  ]);
});

test.each([
  ["a text", "a b", '"a b"'],
  ["a number", 0, "0"],
  ["null", null, "null"],
  ["a list", ["a"], '["a"]'],
  ["an empty object", {}, ""],
])("data that is %s is shown as JSON", (_what, data, shown) => {
  expect(textOf({ data })).toEqual([`${TIME} info  sent ${shown}`.trimEnd()]);
});

test("the stack of an error is shown below its line", () => {
  const data = { name: "Error", message: "no", stack: "Error: no\n    at handler.js:1", code: "E" };

  expect(textOf({ level: "error", message: "refused", data })).toEqual([
    `${TIME} error refused code=E\n    Error: no\n        at handler.js:1`,
  ]);
});

test("control characters of a message, a name, a value and a stack cannot control the terminal", () => {
  const hostile = "\u001b[2Jx\u009b31m\u202e\rfaked";
  const shown = textOf({ message: hostile, data: { [hostile]: hostile, stack: hostile } }).join("\n");

  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for.
  expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  expect(shown).toContain("�[2Jx�31m��faked");
});

test("the further lines of a message are indented, so that they cannot pass for lines of the log", () => {
  expect(textOf({ message: `first\n${TIME} error faked` })).toEqual([`${TIME} info  first\n    ${TIME} error faked`]);
});

test("missing lines are counted, at the start and in between", () => {
  expect(textOf({ n: 313, dropped: 312 }, { n: 315, dropped: 1 }, { n: 316 })).toEqual([
    "… 312 earlier lines were dropped",
    `${TIME} info  sent`,
    "… 1 line was dropped",
    ...[`${TIME} info  sent`, `${TIME} info  sent`],
  ]);
});

test("another attempt and another round are announced once", () => {
  expect(textOf({}, { attempt: 2 }, { attempt: 2 }, { round: 2, attempt: 1 })).toEqual([
    `${TIME} info  sent`,
    "— attempt 2 —",
    ...[`${TIME} info  sent`, `${TIME} info  sent`],
    "— round 2, attempt 1 —",
    `${TIME} info  sent`,
  ]);
});

test("levels have colours on a terminal", () => {
  const [text] = new LogText({ palette: colors.createColors(true) }).of({ ...LINE, level: "warn" });

  expect(text).toContain("\u001b[33mwarn \u001b[39m");
});
