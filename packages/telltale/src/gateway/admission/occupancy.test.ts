import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Occupancy } from "./occupancy.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a shutdown waits until the last one has left, and no longer", async () => {
  const occupancy = new Occupancy<string>();
  occupancy.enter("a");
  occupancy.enter("b");
  let isEmpty: boolean | undefined;
  void occupancy.emptied(5_000).then((value) => {
    isEmpty = value;
  });

  occupancy.leave("a");
  await vi.advanceTimersByTimeAsync(4_000);
  expect(isEmpty).toBeUndefined();
  occupancy.leave("b");
  await vi.advanceTimersByTimeAsync(0);

  expect(isEmpty).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test("a shutdown does not wait longer than its grace period for those who stay", async () => {
  const occupancy = new Occupancy<string>();
  occupancy.enter("a");
  let isEmpty: boolean | undefined;
  void occupancy.emptied(5_000).then((value) => {
    isEmpty = value;
  });

  await vi.advanceTimersByTimeAsync(4_999);
  expect(isEmpty).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);

  expect(isEmpty).toBe(false);
  occupancy.leave("a");
  expect(occupancy.size).toBe(0);
});

test("nothing is waited for if nobody is there", async () => {
  expect(await new Occupancy().emptied(5_000)).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test("everyone who waits is told, and members may leave while they are iterated", async () => {
  const occupancy = new Occupancy<string>();
  for (const guest of ["a", "b", "c"]) occupancy.enter(guest);
  const waits = [occupancy.emptied(5_000), occupancy.emptied(9_000)];
  const seen: string[] = [];

  for (const guest of occupancy) {
    seen.push(guest);
    occupancy.leave(guest);
  }

  expect(seen).toEqual(["a", "b", "c"]);
  expect(await Promise.all(waits)).toEqual([true, true]);
});
