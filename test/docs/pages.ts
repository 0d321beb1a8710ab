import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const NOT_OURS = new Set(["node_modules", "dist", ".git", ".telltale"]);

/** A Markdown page of the repository. */
export interface Page {
  /** The path from the root of the repository. */
  readonly file: string;
  readonly text: string;
}

/** A fenced code block, with the text of the comment on the line before it. */
export interface Block {
  readonly comment: string;
  readonly text: string;
}

/** All Markdown pages of the repository. */
export function allPages(): Page[] {
  const files = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : files(path);
      return entry.name.endsWith(".md") ? [relative(ROOT, path)] : [];
    });
  return files(ROOT)
    .sort()
    .map((file) => ({ file, text: textOf(file) }));
}

/** Reads a file by its path from the root of the repository. */
export function textOf(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

/** The target of a link on a page, as a path from the root of the repository. */
export function target(page: Page, link: string): string {
  return join(dirname(page.file), link);
}

/** The code blocks of a page in one language, in order. */
export function blocks(page: Page, language: string): Block[] {
  const found = page.text.matchAll(new RegExp(`(?:<!-- (.+?) -->\\n)?\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "g"));
  return [...found].map(([, comment = "", text = ""]) => ({ comment, text }));
}

/**
 * Reads a file without its region markers, or one of its regions (`#region <name>`), as in `docs/code/contracts.ts#render`.
 * A region may have several parts. They are joined by blank lines, each without its indentation.
 */
export function source(reference: string): string {
  const [file = "", region] = reference.split("#");
  const whole: string[] = [];
  const parts: string[][] = [];
  const open: string[] = [];
  for (const line of textOf(file).split("\n")) {
    const [, opened] = /^\s*\/\/ #region (\w+)$/.exec(line) ?? [];
    if (opened !== undefined) {
      open.push(opened);
      if (opened === region) parts.push([]);
      continue;
    }
    if (/^\s*\/\/ #endregion$/.test(line)) {
      open.pop();
      continue;
    }
    whole.push(line);
    if (region !== undefined && open.includes(region)) parts.at(-1)?.push(line);
  }
  if (region === undefined) return whole.join("\n");
  if (parts.length === 0) throw new Error(`${file} has no region ${region}`);
  return parts.map(dedented).join("\n");
}

function dedented(lines: readonly string[]): string {
  const indent = Math.min(...lines.filter((line) => line !== "").map((line) => line.search(/\S/)));
  return `${lines.map((line) => line.slice(indent)).join("\n")}\n`;
}
