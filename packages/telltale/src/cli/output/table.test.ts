import colors from "picocolors";
import { expect, test } from "vitest";
import type { Screen } from "./screen.js";
import { table } from "./table.js";

const COLUMNS = [{ title: "NAME" }, { title: "N", right: true }, { title: "NOTE" }];
const PAPER: Screen = {
  stream: process.stdout,
  isTerminal: false,
  palette: colors.createColors(false),
  columns: () => Number.POSITIVE_INFINITY,
  line: () => {},
};

test("columns are as wide as their content, including wide characters, and empty columns are left out", () => {
  const rows = [
    ["a", "1", ""],
    ["日本", "100", ""],
  ];

  expect(table(COLUMNS, rows, PAPER)).toEqual(["NAME    N", "a       1", "日本  100"]);
});

test("columns move closer together before a row is cut", () => {
  const rows = [["a", "1", "a note"]];

  expect(table(COLUMNS, rows, { ...PAPER, isTerminal: true, columns: () => 13 })[1]).toBe("a    1 a note");
});

test("a row that is too wide ends with an ellipsis in a terminal, and is complete in a file", () => {
  const rows = [["a", "1", "a long note"]];

  expect(table(COLUMNS, rows, { ...PAPER, isTerminal: true, columns: () => 14 })).toEqual([
    "NAME N NOTE",
    "a    1 a long…",
  ]);
  expect(table(COLUMNS, rows, PAPER)[1]).toBe("a     1  a long note");
});
