import { expect, test } from "vitest";
import { ChunkLines } from "./chunk-lines.js";

const BASE = { id: "judge_1", round: 1, at: 0 };

function piece(text: unknown, { attempt = 1, n = 1 } = {}) {
  return { ...BASE, attempt, n, data: text };
}

test("a line that came in pieces is one line", () => {
  const lines = new ChunkLines();

  expect(lines.take(piece({ text: "one\ntw" }))).toEqual(["one"]);
  expect(lines.take(piece("o\n"))).toEqual(["two"]);
  expect(lines.take(piece({ text: "three" }))).toEqual([]);
  expect(lines.rest()).toEqual(["three"]);
  expect(lines.rest()).toEqual([]);
});

test("an escape sequence in two pieces does not come together", () => {
  const lines = new ChunkLines();
  lines.take(piece("\u001b"));

  expect(lines.take(piece("[2Jx\r\n"))).toEqual(["�[2Jx"]);
});

test("what an attempt left unfinished is not continued by the next", () => {
  const lines = new ChunkLines();
  lines.take(piece("half a li"));

  expect(lines.take(piece("new\n", { attempt: 2 }))).toEqual(["half a li", "new"]);
});

test("chunks that are not text are shown as JSON, and the end of what is kept is said", () => {
  const lines = new ChunkLines();

  expect(lines.take(piece({ text: "a", level: "\u009b" }))).toEqual(['{"text":"a","level":"\\u009b"}']);
  expect(lines.take({ ...BASE, attempt: 1, n: 2, truncated: true })).toEqual([
    "… (output over the size limit was dropped)",
  ]);
});

test("a line without an end is not held for ever", () => {
  expect(new ChunkLines().take(piece("x".repeat(5_000)))).toEqual(["x".repeat(5_000)]);
});
