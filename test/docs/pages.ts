import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const NOT_OURS = new Set(["node_modules", "dist", ".git", ".telltale"]);

/** A page that people read. */
export interface Page {
  /** From the root of the repository. */
  readonly file: string;
  readonly text: string;
}

/** A fenced block, with what the comment on the line before it says. */
export interface Block {
  readonly comment: string;
  readonly text: string;
}

/** Every page of the repository. */
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

/** A file by its path from the root of the repository. */
export function textOf(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

/** Where a link of a page leads, from the root of the repository. */
export function target(page: Page, link: string): string {
  return join(dirname(page.file), link);
}

/** The page's blocks in a language, in order. */
export function blocks(page: Page, language: string): Block[] {
  const found = page.text.matchAll(new RegExp(`(?:<!-- (.+?) -->\\n)?\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "g"));
  return [...found].map(([, comment = "", text = ""]) => ({ comment, text }));
}

/** A file, or what stands between `#region <name>` and its end: `docs/code/contracts.ts#render`. */
export function source(reference: string): string {
  const [file = "", region] = reference.split("#");
  const text = textOf(file);
  if (region === undefined) return text;
  const [, part] = new RegExp(`// #region ${region}\\n([\\s\\S]*?)[ \\t]*// #endregion`).exec(text) ?? [];
  if (part === undefined) throw new Error(`${file} has no region ${region}`);
  return part;
}
