import type { Problem } from "./problem.js";

function wordsUpTo(n: number): string[] {
  return Array.from({ length: n }, (_, at) => {
    const number = at + 1;
    const word = (number % 3 === 0 ? "Fizz" : "") + (number % 5 === 0 ? "Buzz" : "");
    return word || String(number);
  });
}

export const fizzBuzz = {
  id: "fizz-buzz",
  title: "Fizz buzz",
  statement:
    'Given { n }, return a list of strings for the numbers 1 to n: "Fizz" for multiples of 3, "Buzz" for multiples of 5, ' +
    '"FizzBuzz" for multiples of both, else the number itself.',
  example: { input: { n: 5 }, output: ["1", "2", "Fizz", "4", "Buzz"] },
  tests: [
    { input: { n: 5 }, expected: wordsUpTo(5) },
    { input: { n: 15 }, expected: wordsUpTo(15) },
    { input: { n: 1 }, expected: ["1"] },
    { input: { n: 0 }, expected: [], hidden: true },
    { input: { n: 100 }, expected: wordsUpTo(100), hidden: true },
    { input: { n: 10_000 }, expected: wordsUpTo(10_000), hidden: true },
  ],
} as const satisfies Problem;
