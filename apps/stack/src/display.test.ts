import { PassThrough } from "node:stream";
import type { judge } from "@telltale/contracts";
import xterm from "@xterm/headless";
import type { JobEvent } from "telltale";
import { expect, test } from "vitest";
import { createDisplay } from "./display.js";

const NAMES = ["first", "second", "third", "fourth"];

/** A terminal of this size, and the lines that a person sees on the screen and in the scrollback. */
function terminal(columns: number, rows: number) {
  const screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true });
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns, rows });
  const seen = async (): Promise<string[]> => {
    const written: Buffer | null = stream.read();
    await new Promise<void>((resolve) => screen.write(written ?? "", resolve));
    const { active } = screen.buffer;
    const lines = Array.from({ length: active.length }, (_, i) => active.getLine(i)?.translateToString(true) ?? "");
    return lines.filter((line) => line !== "");
  };
  return { stream, seen };
}

function running(passed: number): JobEvent<typeof judge> {
  const base = { id: "judge_1", kind: "judge", seq: 2, rev: passed, round: 1, attempt: 1, at: 0 } as const;
  return { ...base, status: "running", progress: { passed, total: 4 } };
}

test.each([
  ["a narrow terminal", 40],
  ["a usual one", 80],
  ["a wide one", 200],
])("on %s, every job has one row, and notes are shown in full above the rows", async (_what, columns) => {
  // So few rows that the notes scroll.
  const { stream, seen } = terminal(columns, 7);
  const display = createDisplay(stream, NAMES.length);
  const notes = Array.from({ length: 5 }, (_, i) => `note ${i}, which is long: ${"x".repeat(columns)} end`);

  for (const name of NAMES) display.add(name);
  for (const [i, note] of notes.entries()) {
    for (const name of NAMES) display.event(name, running(i % 5));
    display.note(note);
  }
  for (const name of NAMES) display.event(name, running(4));
  display.close();

  const lines = await seen();
  expect(lines.join("")).toContain(notes.join(""));
  const rows = lines.slice(-NAMES.length);
  expect(rows.map((row) => row.split(" ")[0])).toEqual(NAMES);
  for (const name of NAMES) expect(lines.filter((line) => line.startsWith(name))).toHaveLength(1);
  if (columns >= 80) for (const row of rows) expect(row).toMatch(/ █{20} running 4\/4$/);
});

test("if the rows do not fit on the screen, each event is printed as a line", async () => {
  const { stream, seen } = terminal(80, NAMES.length);
  const display = createDisplay(stream, NAMES.length);

  display.add("first");
  display.event("first", running(1));
  display.event("first", running(2));

  expect(await seen()).toEqual([expect.stringContaining("running 1/4"), expect.stringContaining("running 2/4")]);
});
