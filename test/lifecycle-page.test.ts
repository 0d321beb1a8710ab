import { readFileSync } from "node:fs";
import { LIFECYCLE } from "telltale";
import { expect, test } from "vitest";
import { lifecyclePage } from "../scripts/lib/lifecycle-page.mjs";

test("docs/lifecycle.md matches the lifecycle table (node scripts/generate-lifecycle.mjs updates it)", () => {
  const page = readFileSync(new URL("../docs/lifecycle.md", import.meta.url), "utf8");

  expect(page).toBe(lifecyclePage(LIFECYCLE));
});
