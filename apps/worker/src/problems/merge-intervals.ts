import type { Problem } from "./problem.js";
import { seededRandom } from "./seeded-random.js";

// Blocks of three overlapping intervals with gaps between the blocks, dealt out of order.
const blocks = Array.from({ length: 10_000 }, (_, at) => at * 10);
const shuffled = blocks.flatMap((at): [number, number][] => [
  [at, at + 3],
  [at + 2, at + 5],
  [at + 5, at + 7],
]);
const random = seededRandom(7);
shuffled.sort(() => random(3) - 1);

export const mergeIntervals = {
  id: "merge-intervals",
  title: "Merge intervals",
  statement:
    "Given { intervals }, a list of [start, end] in any order, merge those that overlap or touch and return the result in " +
    "ascending order.",
  example: {
    input: {
      intervals: [
        [1, 3],
        [2, 6],
        [8, 10],
      ],
    },
    output: [
      [1, 6],
      [8, 10],
    ],
  },
  tests: [
    {
      input: {
        intervals: [
          [1, 3],
          [2, 6],
          [8, 10],
        ],
      },
      expected: [
        [1, 6],
        [8, 10],
      ],
    },
    {
      input: {
        intervals: [
          [1, 4],
          [4, 5],
        ],
      },
      expected: [[1, 5]],
    },
    {
      input: {
        intervals: [
          [5, 6],
          [1, 2],
        ],
      },
      expected: [
        [1, 2],
        [5, 6],
      ],
    },
    { input: { intervals: [] }, expected: [], hidden: true },
    {
      input: {
        intervals: [
          [1, 10],
          [2, 3],
          [4, 5],
        ],
      },
      expected: [[1, 10]],
      hidden: true,
    },
    {
      input: {
        intervals: [
          [-3, -1],
          [-1, -1],
          [10, 11],
          [9, 9],
        ],
      },
      expected: [
        [-3, -1],
        [9, 9],
        [10, 11],
      ],
      hidden: true,
    },
    { input: { intervals: shuffled }, expected: blocks.map((at) => [at, at + 7]), hidden: true },
  ],
} as const satisfies Problem;
