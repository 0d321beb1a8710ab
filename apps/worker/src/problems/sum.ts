import type { Problem } from "./problem.js";

const hundredThousand = Array.from({ length: 100_000 }, (_, at) => at + 1);

/** Decimal fractions may be added in any order, so the last digits may differ. */
function isCloseTo(expected: unknown, actual: unknown): boolean {
  if (typeof expected !== "number" || typeof actual !== "number") return false;
  return Math.abs(expected - actual) <= 1e-9 * Math.max(1, Math.abs(expected));
}

export const sum = {
  id: "sum",
  title: "Sum",
  statement: "Given { numbers }, return their sum. The sum of no numbers is 0.",
  example: { input: { numbers: [1, 2, 3] }, output: 6 },
  compare: isCloseTo,
  tests: [
    { input: { numbers: [1, 2, 3] }, expected: 6 },
    { input: { numbers: [10] }, expected: 10 },
    { input: { numbers: [] }, expected: 0 },
    { input: { numbers: [-5, 5, -7] }, expected: -7 },
    { input: { numbers: [0.1, 0.2, 0.3] }, expected: 0.6, hidden: true },
    { input: { numbers: [9007199254740991, -9007199254740991, 1] }, expected: 1, hidden: true },
    { input: { numbers: hundredThousand }, expected: 5_000_050_000, hidden: true },
  ],
} as const satisfies Problem;
