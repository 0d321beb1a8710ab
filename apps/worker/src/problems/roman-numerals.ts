import type { Problem } from "./problem.js";

export const romanNumerals = {
  id: "roman-numerals",
  title: "Roman numerals",
  statement: "Given { numeral }, a Roman numeral between I and MMMCMXCIX, return the number it stands for.",
  example: { input: { numeral: "XIV" }, output: 14 },
  tests: [
    { input: { numeral: "III" }, expected: 3 },
    { input: { numeral: "XIV" }, expected: 14 },
    { input: { numeral: "LVIII" }, expected: 58 },
    { input: { numeral: "I" }, expected: 1, hidden: true },
    { input: { numeral: "XLIX" }, expected: 49, hidden: true },
    { input: { numeral: "MCMXCIV" }, expected: 1994, hidden: true },
    { input: { numeral: "MMMCMXCIX" }, expected: 3999, hidden: true },
  ],
} as const satisfies Problem;
