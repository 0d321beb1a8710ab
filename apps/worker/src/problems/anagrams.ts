import type { Problem } from "./problem.js";

// 5,000 groups of four words each, too many to compare every pair of words.
const stems = Array.from({ length: 5_000 }, (_, at) =>
  Array.from(at.toString().padStart(4, "0"), (digit) => "abcdefghij".charAt(Number(digit))).join(""),
);
const groups = stems.map((stem) => [`${stem}xyz`, `${stem}zyx`, `xyz${stem}`, `z${stem}yx`]);
const many = [0, 1, 2, 3].flatMap((at) => groups.map((group) => group[at] ?? ""));
const sizes = new Map<string, number>();
for (const word of many) {
  const letters = Array.from(word)
    .sort((a, b) => (a < b ? -1 : 1))
    .join("");
  sizes.set(letters, (sizes.get(letters) ?? 0) + 1);
}

export const anagrams = {
  id: "anagrams",
  title: "Anagrams",
  statement:
    "Given { words }, return the size of the largest group of words made of the same letters. Without words, return 0.",
  example: { input: { words: ["listen", "silent", "enlist", "google"] }, output: 3 },
  tests: [
    { input: { words: ["listen", "silent", "enlist", "google"] }, expected: 3 },
    { input: { words: ["a"] }, expected: 1 },
    { input: { words: ["ab", "ba", "abb", "bab", "bba"] }, expected: 3 },
    { input: { words: [] }, expected: 0, hidden: true },
    { input: { words: ["", ""] }, expected: 2, hidden: true },
    { input: { words: ["same", "same", "seam"] }, expected: 3, hidden: true },
    { input: { words: many }, expected: Math.max(...sizes.values()), hidden: true },
  ],
} as const satisfies Problem;
