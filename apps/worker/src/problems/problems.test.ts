import { expect, test } from "vitest";
import { problems } from "./index.js";

test("there are at least eight problems, each listed under its own id", () => {
  expect(problems.size).toBeGreaterThanOrEqual(8);
  for (const [id, problem] of problems) expect(problem.id).toBe(id);
});

test.each([...problems.values()])("$id has at least six tests, some shown and some hidden", ({ tests }) => {
  expect(tests.length).toBeGreaterThanOrEqual(6);
  expect(tests.some(({ hidden }) => hidden !== true)).toBe(true);
  expect(tests.some(({ hidden }) => hidden === true)).toBe(true);
});

test.each([...problems.values()])("$id is unchanged by a JSON round trip", ({ example, tests }) => {
  expect(JSON.parse(JSON.stringify({ example, tests }))).toEqual({ example, tests });
});

test.each([
  ["the other order", [1, 0], true],
  ["the same index twice", [0, 0], false],
  ["three indices", [0, 1, 1], false],
  ["an object", { 0: 0, 1: 1, length: 2 }, false],
])("two-sum accepts %s, %j: %s", (_, answer, isRight) => {
  expect(problems.get("two-sum")?.compare?.([0, 1], answer)).toBe(isRight);
});
