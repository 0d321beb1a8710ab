import { expect, test } from "vitest";
import { Budgets } from "./budgets.js";

function budgets(perMinute: number) {
  const clock = { now: 0 };
  return { clock, budgets: new Budgets({ amount: perMinute, perMs: 60_000, now: () => clock.now }) };
}

test("a caller who has spent the budget is refused until it has refilled, with the time until then", () => {
  const { clock, budgets: given } = budgets(60);
  given.spend("ann", 60);

  expect(() => given.spend("ann", 5)).toThrow(
    expect.objectContaining({ code: "too_many", data: { retryInMs: 5_000 } }),
  );
  clock.now = 4_999;
  expect(() => given.spend("ann", 5)).toThrow(/a cost of 60 in 60 s/);
  clock.now = 5_000;
  expect(() => given.spend("ann", 5)).not.toThrow();
});

test("each caller has a separate budget", () => {
  const { budgets: given } = budgets(1);
  given.spend("ann", 1);

  expect(() => given.spend("bob", 1)).not.toThrow();
});

test("a budget never exceeds its amount, and a clock that is set back does not reduce it", () => {
  const { clock, budgets: given } = budgets(2);
  given.spend("ann", 1);

  clock.now = -1_000_000;
  expect(() => given.spend("ann", 1)).not.toThrow();
  clock.now = 1_000_000_000;
  given.spend("ann", 2);

  expect(() => given.spend("ann", 1)).toThrow(/a cost of 2/);
});

test("callers whose budget is full again are removed from memory", () => {
  const { clock, budgets: given } = budgets(60);
  for (let n = 0; n < 10_000; n++) given.spend(`caller ${n}`, 1);

  clock.now = 1_000;
  given.spend("one more", 1);

  expect(given.size).toBe(1);
});

test("what is left of a budget shortens the time to wait", () => {
  const { budgets: given } = budgets(60);
  given.spend("ann", 58);

  expect(given.take("ann", 5)).toBe(3_000);
});

test("with many active callers, not all of them are looked at in each call", () => {
  const { clock, budgets: given } = budgets(60);
  for (let n = 0; n < 10_001; n++) given.spend(`caller ${n}`, 60);
  expect(given.size).toBe(10_001);

  // Their budgets are full again, but the next sweep is due when there are twice as many.
  clock.now = 60_000;
  for (let n = 0; n < 10_001; n++) given.spend(`later caller ${n}`, 60);
  expect(given.size).toBe(20_002);
  given.spend("one more", 60);

  expect(given.size).toBe(10_002);
});
