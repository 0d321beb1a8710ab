import cliTruncate from "cli-truncate";
import stringWidth from "string-width";
import type { Screen } from "./screen.js";

/** A column: its heading, and whether its cells are right-aligned. */
export interface Column {
  readonly title: string;
  readonly right?: boolean;
}

/**
 * Formats rows under headings, with columns that fit their cells. If a table is too wide for the screen, the gaps
 * between its columns shrink; if it is still too wide, rows end in an ellipsis.
 */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], screen: Screen): string[] {
  const used = columns.flatMap((column, i) => (rows.some((row) => row[i]) ? [{ ...column, i }] : []));
  const widths = used.map(({ title, i }) =>
    Math.max(...[title, ...rows.map((row) => row[i] ?? "")].map((text) => stringWidth(text))),
  );
  const room = screen.columns() - widths.reduce((sum, width) => sum + width, 0);
  const gap = room < 2 * (widths.length - 1) ? " " : "  ";
  const line = (cells: readonly string[]): string => {
    const padded = cells.map((cell, n) => {
      const space = " ".repeat((widths[n] ?? 0) - stringWidth(cell));
      return used[n]?.right ? space + cell : cell + space;
    });
    return padded.join(gap).trimEnd();
  };
  const fit = (text: string): string => (screen.isTerminal ? cliTruncate(text, screen.columns()) : text);
  const head = screen.palette.dim(fit(line(used.map(({ title }) => title))));
  return [head, ...rows.map((row) => fit(line(used.map(({ i }) => row[i] ?? ""))))];
}
