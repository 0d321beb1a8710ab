import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Place, SubscriptionLimit } from "./subscription-limit.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Subscriptions that are live `connectMs` after they got their place. */
function world(most: number, connectMs = 0) {
  const limit = new SubscriptionLimit(most);
  const log: string[] = [];
  const places = new Map<string, Place>();
  const live: string[] = [];
  const open = new Set<string>();
  const take = (name: string): void => {
    const place = limit.take({
      onPlace: () => {
        open.add(name);
        log.push(name);
        if (connectMs === 0) place.live();
        else if (connectMs < Number.POSITIVE_INFINITY) {
          setTimeout(() => {
            if (places.get(name) !== place || !open.has(name)) return;
            live.push(name);
            place.live();
          }, connectMs);
        }
      },
      onWait: () => log.push(`${name} waits`),
      onTurnOver: () => {
        leaveNow(name);
        take(name);
      },
    });
    places.set(name, place);
  };
  const leaveNow = (name: string): void => {
    open.delete(name);
    places.get(name)?.leave();
  };
  return { limit, log, live, open, places, take, leave: leaveNow };
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

test("when connecting takes longer than a turn, every subscription is live for a whole turn", async () => {
  const { log, live, take } = world(4, 5_000);
  const names = ["a", "b", "c", "d", "e", "f", "g"];
  for (const name of names) take(name);

  await vi.advanceTimersByTimeAsync(7_900);
  expect(log.slice(3)).toEqual(["a", "b", "c", "d"]);
  await vi.advanceTimersByTimeAsync(52_000);

  const turns = names.map((name) => live.filter((entry) => entry === name).length);
  expect(Math.min(...turns)).toBeGreaterThanOrEqual(2);
});

test("a subscription that does not become live gives up its place after 15 seconds", async () => {
  const { log, take } = world(1, Number.POSITIVE_INFINITY);
  for (const name of ["a", "b"]) take(name);

  await vi.advanceTimersByTimeAsync(14_999);
  expect(log).toEqual(["b waits", "a"]);
  await vi.advanceTimersByTimeAsync(1);

  expect(log).toEqual(["b waits", "a", "a waits", "b"]);
});

test("a subscription that is live again after a loss does not begin another turn", async () => {
  const { log, places, take } = world(1);
  for (const name of ["a", "b"]) take(name);

  await vi.advanceTimersByTimeAsync(2_900);
  places.get("a")?.live();
  await vi.advanceTimersByTimeAsync(100);

  expect(log).toEqual(["b waits", "a", "a waits", "b"]);
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
  expect(vi.getTimerCount()).toBe(0);
});
