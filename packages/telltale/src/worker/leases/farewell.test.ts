import { expect, test } from "vitest";
import { silentLogger, stderrLogger } from "../../core/internal.js";
import { farewellFor } from "./farewell.js";

test("why a hung process was killed is a line of text without a logger, JSON beside a logger, and left out if logs are off", () => {
  const own = { ...silentLogger };

  expect([stderrLogger, own, silentLogger].map(farewellFor)).toEqual(["text", "json", "none"]);
});
