import { anagrams } from "./anagrams.js";
import { fizzBuzz } from "./fizz-buzz.js";
import { longestUniqueSubstring } from "./longest-unique-substring.js";
import { mergeIntervals } from "./merge-intervals.js";
import { palindrome } from "./palindrome.js";
import type { Problem } from "./problem.js";
import { romanNumerals } from "./roman-numerals.js";
import { shortestPath } from "./shortest-path.js";
import { sum } from "./sum.js";
import { twoSum } from "./two-sum.js";
import { validBrackets } from "./valid-brackets.js";
import { wordCount } from "./word-count.js";

export type { Problem, ProblemTest } from "./problem.js";

const inOrderOfDifficulty: readonly Problem[] = [
  sum,
  fizzBuzz,
  palindrome,
  romanNumerals,
  wordCount,
  validBrackets,
  twoSum,
  anagrams,
  longestUniqueSubstring,
  mergeIntervals,
  shortestPath,
];

/** The problems by their id, easiest first. */
export const problems: ReadonlyMap<string, Problem> = new Map(
  inOrderOfDifficulty.map((problem) => [problem.id, problem]),
);
