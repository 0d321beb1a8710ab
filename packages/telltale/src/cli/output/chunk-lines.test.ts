import { expect, test } from "vitest";
import { ChunkLines } from "./chunk-lines.js";

const BASE = { id: "judge_1", round: 1, at: 0 };

function piece(text: unknown, { attempt = 1, n = 1 } = {}) {
  return { ...BASE, attempt, n, data: text };
}

test("a line that arrives in pieces is printed as one line", () => {
  const lines = new ChunkLines();

  expect(lines.take(piece({ text: "one\ntw" }))).toEqual(["one"]);
  expect(lines.take(piece("o\n"))).toEqual(["two"]);
  expect(lines.take(piece({ text: "three" }))).toEqual([]);
  expect(lines.rest()).toEqual(["three"]);
  expect(lines.rest()).toEqual([]);
});

test("an escape sequence that arrives in two pieces is not printed", () => {
  const lines = new ChunkLines();
  lines.take(piece("\u001b"));

  expect(lines.take(piece("[2Jx\r\n"))).toEqual(["�[2Jx"]);
});

test("the next attempt does not continue an unfinished line of the previous one", () => {
  const lines = new ChunkLines();
  lines.take(piece("half a li"));

  expect(lines.take(piece("new\n", { attempt: 2 }))).toEqual(["half a li", "new"]);
});

test("chunks that are not text are printed as JSON, and a truncated output is marked", () => {
  const lines = new ChunkLines();

  expect(lines.take(piece({ text: "a", level: "\u009b" }))).toEqual(['{"text":"a","level":"\\u009b"}']);
  expect(lines.take({ ...BASE, attempt: 1, n: 2, truncated: true })).toEqual([
    "… (output over the size limit was dropped)",
  ]);
});

test("a line without an end is not held back for ever", () => {
  expect(new ChunkLines().take(piece("x".repeat(5_000)))).toEqual(["x".repeat(5_000)]);
});
