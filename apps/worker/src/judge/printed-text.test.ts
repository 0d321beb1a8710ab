import { expect, test } from "vitest";
import { PRINTED_MAX_BYTES, PrintedText, TRUNCATED_MARK } from "./printed-text.js";

function collect(): { sent: string[]; printed: PrintedText } {
  const sent: string[] = [];
  return { sent, printed: new PrintedText((text) => sent.push(text)) };
}

test("many small lines are sent in few messages", () => {
  const { sent, printed } = collect();

  for (let line = 0; line < 1_000; line++) printed.add(`${line}\n`);
  printed.flush();

  expect(sent.join("").split("\n")).toHaveLength(1_001);
  expect(sent.length).toBeLessThan(20);
});

test("text over 64 KB is dropped and marked as truncated once", () => {
  const { sent, printed } = collect();

  for (let at = 0; at < 100; at++) printed.add("x".repeat(1_000));
  printed.flush();

  expect(sent.join("")).toBe("x".repeat(PRINTED_MAX_BYTES) + TRUNCATED_MARK);
  expect(printed.isFull).toBe(true);
});

test("truncating text does not cut a character in half", () => {
  const { sent, printed } = collect();

  printed.add(`x${"€".repeat(PRINTED_MAX_BYTES)}`);

  expect(sent.join("")).toMatch(/^x€+\n\[output truncated\]\n$/);
});
