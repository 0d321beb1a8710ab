import type { Problem } from "./problem.js";

/** Every second row is a wall with one gap, at the right or the left end in turn, so the only path is a long one. */
function snake(rows: number, columns: number): string[] {
  const wall = "#".repeat(columns - 1);
  return Array.from({ length: rows }, (_, row) => {
    if (row % 2 === 0) return ".".repeat(columns);
    return row % 4 === 1 ? `${wall}.` : `.${wall}`;
  });
}

const SIDE = 201;
const open = Array.from({ length: 200 }, () => ".".repeat(200));

export const shortestPath = {
  id: "shortest-path",
  title: "Shortest path in a grid",
  statement:
    "Given { grid }, a list of equally long strings of . (free) and # (wall), return the smallest number of steps up, " +
    "down, left or right from the top left to the bottom right corner over free cells, or -1 if there is no path.",
  example: { input: { grid: ["..#", "#..", "#.."] }, output: 4 },
  tests: [
    { input: { grid: ["..#", "#..", "#.."] }, expected: 4 },
    { input: { grid: [".#", "#."] }, expected: -1 },
    { input: { grid: ["....", "###.", "....", ".###", "...."] }, expected: 13 },
    { input: { grid: ["."] }, expected: 0, hidden: true },
    { input: { grid: ["#"] }, expected: -1, hidden: true },
    { input: { grid: [".#..", "...#", "##.."] }, expected: 5, hidden: true },
    { input: { grid: open }, expected: 398, hidden: true },
    // The path crosses the grid 101 times and goes down 200 rows.
    { input: { grid: snake(SIDE, SIDE) }, expected: 101 * (SIDE - 1) + (SIDE - 1), hidden: true },
  ],
} as const satisfies Problem;
