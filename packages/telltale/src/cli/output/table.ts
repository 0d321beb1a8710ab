import cliTruncate from "cli-truncate";
import stringWidth from "string-width";
import type { Screen } from "./screen.js";

/** One column: its heading, and whether its cells stand at the right, as numbers do. */
export interface Column {
  readonly title: string;
  readonly right?: boolean;
}

/**
 * Rows under headings, columns as wide as they need. Where that is too wide for the screen they stand closer; where it still
 * is, a row ends in an ellipsis.
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
