import { expect, test } from "vitest";
import { createRandom } from "./random.js";

test("the same seed draws the same numbers, and another seed draws others", () => {
  const draw = (seed: number) =>
    Array.from(
      { length: 8 },
      (
        (random) => () =>
          random.between(0, 1_000)
      )(createRandom(seed)),
    );

  expect(draw(7)).toEqual(draw(7));
  expect(draw(8)).not.toEqual(draw(7));
});

test("drawing from one fork does not change what another draws", () => {
  const [quiet, busy] = [createRandom(7), createRandom(7)];
  const forks = [quiet.fork(), busy.fork()] as const;
  forks[1].next();

  expect(quiet.next()).toBe(busy.next());
});

test("numbers stay within their bounds and reach both", () => {
  const random = createRandom(1);

  const drawn = new Set(Array.from({ length: 200 }, () => random.between(3, 5)));

  expect([...drawn].sort()).toEqual([3, 4, 5]);
});
