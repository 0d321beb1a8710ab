import type { Problem } from "./problem.js";

export const validBrackets = {
  id: "valid-brackets",
  title: "Valid brackets",
  statement:
    "Given { text }, return whether each of its brackets ()[]{} is closed by one of its own kind, in the right order. " +
    "Other characters do not matter.",
  example: { input: { text: "f(a[0], { b: [1] })" }, output: true },
  tests: [
    { input: { text: "f(a[0], { b: [1] })" }, expected: true },
    { input: { text: "([)]" }, expected: false },
    { input: { text: "((" }, expected: false },
    { input: { text: "" }, expected: true, hidden: true },
    { input: { text: ")(" }, expected: false, hidden: true },
    { input: { text: "no brackets" }, expected: true, hidden: true },
    { input: { text: "[".repeat(100_000) + "]".repeat(100_000) }, expected: true, hidden: true },
    { input: { text: `${"()".repeat(100_000)}]` }, expected: false, hidden: true },
  ],
} as const satisfies Problem;
