import { expect, test } from "vitest";
import { cleanMessage, MESSAGE_MAX } from "./clean-message.js";

test("a message cannot clear a terminal, start a new log line or change the text direction", () => {
  expect(cleanMessage("\u001b[2J a\n{b}\u2028c\u202ed\ud800")).toBe(" [2J a {b} c d ");
});

test("a long message is cut to its limit", () => {
  expect(cleanMessage("x".repeat(10_000))).toHaveLength(MESSAGE_MAX);
});
