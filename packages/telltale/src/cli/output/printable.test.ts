import { expect, test } from "vitest";
import { printable, printableLine } from "./printable.js";

test.each([
  ["an escape sequence", "\u001b[2Jgone", "�[2Jgone"],
  ["a title", "\u001b]0;owned\u0007", "�]0;owned�"],
  ["a C1 introducer", "\u009b2J", "�2J"],
  ["a carriage return that would overwrite the line", "safe\rfake", "safe�fake"],
  ["a backspace", "ab\b\bcd", "ab��cd"],
  ["a bidirectional override", "\u202egnp.exe", "�gnp.exe"],
  ["a line separator", "a\u2028b", "a�b"],
  ["half a character", "\ud800", "�"],
  ["NUL and DEL", "\u0000\u007f", "��"],
])("%s does not reach the terminal", (_what, text, shown) => {
  expect(printable(text)).toBe(shown);
});

test("ordinary text is printed unchanged, including line breaks of any system", () => {
  expect(printable("Zürich\t日本 👩‍🚀\r\nनमस्ते\n")).toBe("Zürich\t日本 👩‍🚀\nनमस्ते\n");
});

test("text for one line contains no line breaks", () => {
  expect(printableLine("one\ntwo\tthree\u001b")).toBe("one two three�");
});
