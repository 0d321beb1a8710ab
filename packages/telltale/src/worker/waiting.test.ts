import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { jittered, pause, repeatDelayMs, within } from "./waiting.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const delays = (failures: readonly number[]): number[] => failures.map(repeatDelayMs);

test("the delay after a failure doubles from 50 ms up to a second, also after thousands of failures", () => {
  vi.spyOn(Math, "random").mockReturnValue(0.5);

  expect(delays([0, 1, 2, 3, 4, 5, 10_000])).toEqual([50, 100, 200, 400, 800, 1_000, 1_000]);
});

test("durations vary by a fifth in both directions, so that workers do not act together", () => {
  const random = vi.spyOn(Math, "random").mockReturnValue(0);
  expect(jittered(1_000)).toBe(800);
  random.mockReturnValue(1);

  expect(jittered(1_000)).toBeCloseTo(1_200);
});

test("a pause ends after its time, or at once when the signal aborts, and leaves no timer behind", async () => {
  const stopping = new AbortController();
  let ended = 0;
  void pause(1_000, new AbortController().signal).then(() => ended++);
  void pause(60_000, stopping.signal).then(() => ended++);

  await vi.advanceTimersByTimeAsync(999);
  expect(ended).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(ended).toBe(1);
  stopping.abort();
  await vi.advanceTimersByTimeAsync(0);

  expect(ended).toBe(2);
  await pause(60_000, stopping.signal);
  expect(vi.getTimerCount()).toBe(0);
});

test("work that takes too long is given up, and work that fails counts as settled", async () => {
  const endless = new Promise<void>(() => {});
  const stopping = new AbortController();
  const results: boolean[] = [];
  const push = (settled: boolean): void => void results.push(settled);

  expect(await within(Promise.resolve(), 1_000)).toBe(true);
  expect(await within(Promise.reject(new Error("no")), 1_000)).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
  void within(endless, 1_000).then(push);
  await vi.advanceTimersByTimeAsync(999);
  expect(results).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(results).toEqual([false]);
  void within(endless, 60_000, stopping.signal).then(push);
  stopping.abort();
  await vi.advanceTimersByTimeAsync(0);
  expect(results).toEqual([false, false]);
  void within(endless, 60_000, stopping.signal).then(push);
  await vi.advanceTimersByTimeAsync(0);

  expect(results).toEqual([false, false, false]);
  expect(vi.getTimerCount()).toBe(0);
});
