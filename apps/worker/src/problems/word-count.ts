import type { Problem } from "./problem.js";

export const wordCount = {
  id: "word-count",
  title: "Word count",
  statement:
    "Given { text }, return an object with the number of times each word occurs. A word is a run of the letters a to z. " +
    "Case does not matter, and the keys are lower case.",
  example: { input: { text: "Red lorry, yellow lorry" }, output: { red: 1, lorry: 2, yellow: 1 } },
  tests: [
    { input: { text: "Red lorry, yellow lorry" }, expected: { red: 1, lorry: 2, yellow: 1 } },
    { input: { text: "one" }, expected: { one: 1 } },
    { input: { text: "a-b a_b\na\tB" }, expected: { a: 3, b: 3 } },
    { input: { text: "" }, expected: {}, hidden: true },
    { input: { text: "42 + 1 = 43!" }, expected: {}, hidden: true },
    // Names that every object inherits.
    { input: { text: "constructor valueOf constructor" }, expected: { constructor: 2, valueof: 1 }, hidden: true },
    { input: { text: "tick Tock ".repeat(20_000) }, expected: { tick: 20_000, tock: 20_000 }, hidden: true },
  ],
} as const satisfies Problem;
