import { readFileSync } from "node:fs";
import { LIFECYCLE } from "telltale";
import { expect, test } from "vitest";
import { lifecyclePage } from "../scripts/lib/lifecycle-page.mjs";

test("docs/lifecycle.md says what the table says; if not: node scripts/generate-lifecycle.mjs", () => {
  const page = readFileSync(new URL("../docs/lifecycle.md", import.meta.url), "utf8");

  expect(page).toBe(lifecyclePage(LIFECYCLE));
});
