import { expect, test } from "vitest";
import { createClock } from "./clock.js";

test("a clock stands still until it is moved, and moves back too", () => {
  const clock = createClock(1_000);

  clock.advance(500);
  clock.advance(-200);

  expect(clock.now()).toBe(1_300);
});
