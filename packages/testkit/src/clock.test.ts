import { expect, test } from "vitest";
import { createClock } from "./clock.js";

test("a clock only moves when it is moved, forward or back", () => {
  const clock = createClock(1_000);

  clock.advance(500);
  clock.advance(-200);

  expect(clock.now()).toBe(1_300);
});
