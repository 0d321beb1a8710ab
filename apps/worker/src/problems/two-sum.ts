import type { Problem } from "./problem.js";

// The target is odd, so only the last two numbers can make it. A search of all pairs finds them after two billion
// steps.
const evens = Array.from({ length: 60_000 }, (_, at) => 2 * at);
const long = [...evens, 1_000_001, 1_000_000];

/** The two indices may come in either order. */
function isSamePair(expected: unknown, actual: unknown): boolean {
  if (!Array.isArray(expected) || !Array.isArray(actual) || actual.length !== 2) return false;
  const [first, second]: unknown[] = actual;
  return first !== second && expected.includes(first) && expected.includes(second);
}

export const twoSum = {
  id: "two-sum",
  title: "Two sum",
  statement:
    "Given { numbers, target }, return the indices of the two different elements whose sum is target, in any order. " +
    "There is exactly one such pair.",
  example: { input: { numbers: [2, 7, 11, 15], target: 9 }, output: [0, 1] },
  compare: isSamePair,
  tests: [
    { input: { numbers: [2, 7, 11, 15], target: 9 }, expected: [0, 1] },
    { input: { numbers: [3, 2, 4], target: 6 }, expected: [1, 2] },
    { input: { numbers: [3, 3], target: 6 }, expected: [0, 1] },
    { input: { numbers: [-1, -2, -3, -4, -5], target: -8 }, expected: [2, 4], hidden: true },
    { input: { numbers: [0, 4, 3, 0], target: 0 }, expected: [0, 3], hidden: true },
    { input: { numbers: [5, 1, 9, 25], target: 10 }, expected: [1, 2], hidden: true },
    { input: { numbers: long, target: 2_000_001 }, expected: [60_000, 60_001], hidden: true },
  ],
} as const satisfies Problem;
