import type { Problem } from "./problem.js";

const half = "abcdefghij".repeat(10_000);
const mirrored = half + Array.from(half).reverse().join("");

export const palindrome = {
  id: "palindrome",
  title: "Palindrome",
  statement:
    "Given { text }, return whether it reads the same backwards. Only the letters a to z and digits count, and case does " +
    "not matter. Text without letters and digits is a palindrome.",
  example: { input: { text: "Never odd or even" }, output: true },
  tests: [
    { input: { text: "Never odd or even" }, expected: true },
    { input: { text: "telltale" }, expected: false },
    { input: { text: "A man, a plan, a canal: Panama!" }, expected: true },
    { input: { text: "" }, expected: true, hidden: true },
    { input: { text: " .,!" }, expected: true, hidden: true },
    { input: { text: "0P" }, expected: false, hidden: true },
    { input: { text: mirrored }, expected: true, hidden: true },
    { input: { text: `${mirrored}x` }, expected: false, hidden: true },
  ],
} as const satisfies Problem;
