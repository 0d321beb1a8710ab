import { existsSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { allPages, blocks, source, target, textOf } from "./pages.js";

// `TELLTALE_WRITE_PAGE=1 npm test -- test/docs/pages.test.ts` updates the code on the pages.
if (process.env.TELLTALE_WRITE_PAGE !== undefined) {
  for (const page of allPages()) {
    const written = page.text.replace(
      /<!-- (\S+\.ts(?:#\w+)?) -->\n```ts\n[\s\S]*?```/g,
      (_, reference: string) => `<!-- ${reference} -->\n\`\`\`ts\n${source(reference)}\`\`\``,
    );
    if (written !== page.text) writeFileSync(page.file, written);
  }
}

describe.each(allPages())("$file", (page) => {
  test("shows only TypeScript of files that are compiled", () => {
    for (const { comment, text } of blocks(page, "ts")) {
      expect(comment, text).toMatch(/^\S+\.ts(#\w+)?$/);
      expect(text).toBe(source(comment));
    }
  });

  test("has no broken link or path", () => {
    const links = [...page.text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
    const paths = [...page.text.matchAll(/`((?:packages|apps|test|scripts|examples|docs)\/[\w./-]+\.\w+)`/g)];

    for (const [, path = ""] of paths) expect(existsSync(path), path).toBe(true);
    for (const link of links.filter((link) => !/^https?:/.test(link))) {
      const [path = "", anchor] = link.split("#");
      const file = path === "" ? page.file : target(page, path);
      expect(existsSync(file), link).toBe(true);
      if (anchor !== undefined) expect(anchors(textOf(file)), link).toContain(anchor);
    }
  });
});

/** The anchors that GitHub creates for the headings of a page. */
function anchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}
