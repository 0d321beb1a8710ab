import type { Problem } from "./problem.js";

export const longestUniqueSubstring = {
  id: "longest-unique-substring",
  title: "Longest substring without a repeat",
  statement: "Given { text }, return the length of the longest substring in which no character occurs twice.",
  example: { input: { text: "abcabcbb" }, output: 3 },
  tests: [
    { input: { text: "abcabcbb" }, expected: 3 },
    { input: { text: "bbbbb" }, expected: 1 },
    { input: { text: "pwwkew" }, expected: 3 },
    { input: { text: "" }, expected: 0, hidden: true },
    { input: { text: "abba" }, expected: 2, hidden: true },
    { input: { text: "a b!a" }, expected: 4, hidden: true },
    { input: { text: "abcdefghijklmnopqrstuvwxyz".repeat(4_000) }, expected: 26, hidden: true },
  ],
} as const satisfies Problem;
