import { expect, test } from "vitest";
import { toMarkdown } from "./markdown.js";

test("each cell is one row with counts in the order of the header, and 0 for a missing count", () => {
  const counts = { submitted: 9, acknowledged: 8, lost: 2, unknown: 1, executed: 10, lateEnds: 3 };

  expect(toMarkdown([{ fault: "Redis crash", durability: "none", runs: 4, counts, violations: 5 }])).toBe(
    [
      "| fault | durability | runs | submitted | acknowledged | lost | unknown | executed | duplicates | late ends | violations |",
      "| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: |",
      "| Redis crash | none | 4 | 9 | 8 | 2 | 1 | 10 | 0 | 3 | 5 |",
    ].join("\n"),
  );
});
