import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SubscriptionLimit } from "./subscription-limit.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function world(most: number) {
  const limit = new SubscriptionLimit(most);
  const log: string[] = [];
  const leaves = new Map<string, () => void>();
  const open = new Set<string>();
  const take = (name: string): void => {
    const leave = limit.take({
      onPlace: () => {
        open.add(name);
        log.push(name);
      },
      onWait: () => log.push(`${name} waits`),
      onTurnOver: () => {
        leaveNow(name);
        take(name);
      },
    });
    leaves.set(name, leave);
  };
  const leaveNow = (name: string): void => {
    open.delete(name);
    leaves.get(name)?.();
  };
  return { limit, log, open, take, leave: leaveNow };
}

test("subscriptions beyond the limit are told to wait, and get a place in order when another one ends", async () => {
  const { log, take, leave } = world(2);

  for (const name of ["a", "b", "c", "d"]) take(name);
  await Promise.resolve();
  expect(log).toEqual(["c waits", "d waits", "a", "b"]);
  leave("a");
  leave("a");
  await Promise.resolve();

  expect(log).toEqual(["c waits", "d waits", "a", "b", "c"]);
});

test("a subscription that ends while it waits is never opened and blocks no other", async () => {
  const { log, take, leave } = world(1);
  for (const name of ["a", "b", "c"]) take(name);

  leave("b");
  leave("a");
  await Promise.resolve();

  expect(log).toEqual(["b waits", "c waits", "c"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("subscriptions that never end take turns when there are too many, and never exceed the limit", async () => {
  const { log, open, take } = world(4);
  const names = ["a", "b", "c", "d", "e", "f"];

  for (const name of names) take(name);
  const peaks: number[] = [];
  for (let second = 0; second < 30; second++) {
    await vi.advanceTimersByTimeAsync(1_000);
    peaks.push(open.size);
  }

  const turns = names.map((name) => log.filter((entry) => entry === name).length);
  expect(new Set(peaks)).toEqual(new Set([4]));
  expect(Math.min(...turns)).toBeGreaterThanOrEqual(5);
  expect(Math.max(...turns)).toBeLessThanOrEqual(8);
});

test("no watch gives up its place while none waits", async () => {
  const { log, take, leave } = world(2);
  for (const name of ["a", "b", "c"]) take(name);
  leave("c");

  await vi.advanceTimersByTimeAsync(60_000);

  expect(log).toEqual(["c waits", "a", "b"]);
});

test("a lowered limit applies to open subscriptions, and a raised one admits waiting ones", async () => {
  const { limit, open, take } = world(3);
  for (const name of ["a", "b", "c", "d"]) take(name);
  await Promise.resolve();

  limit.most = 1;
  await Promise.resolve();
  expect([...open]).toEqual(["a"]);
  limit.most = 10;
  await Promise.resolve();

  expect([...open].toSorted()).toEqual(["a", "b", "c", "d"]);
});
