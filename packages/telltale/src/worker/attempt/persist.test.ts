import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { TelltaleError } from "../../core/index.js";
import { AbortOnDemand } from "../abort-on-demand.js";
import { persist } from "./persist.js";

beforeEach(() => {
  vi.useFakeTimers();
  // Without jitter.
  vi.spyOn(Math, "random").mockReturnValue(0.5);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Persists a call that gets these answers, and records when it was made. */
function persisted(answer: (tries: number) => unknown, giveUp = new AbortOnDemand()) {
  const at: number[] = [];
  const result = persist(async () => {
    at.push(performance.now());
    const value = answer(at.length);
    if (value instanceof Error) throw value;
    return value;
  }, giveUp);
  result.catch(() => {});
  return { result, delays: () => at.slice(1).map((one, i) => one - (at[i] ?? 0)), tries: () => at.length };
}

test("a call that Redis does not answer is repeated ever more rarely, and at least once a second", async () => {
  const down = new TelltaleError("redis_unavailable");
  const { delays } = persisted(() => down);

  await vi.advanceTimersByTimeAsync(10_000);

  expect(delays().slice(0, 8)).toEqual([50, 100, 200, 400, 800, 1_000, 1_000, 1_000]);
});

test.each(["redis_unavailable", "outcome_unknown"] as const)("a call that failed with %s is repeated", async (code) => {
  const { result } = persisted((tries) => (tries < 3 ? new TelltaleError(code) : "done"));

  await vi.advanceTimersByTimeAsync(200);

  await expect(result).resolves.toBe("done");
});

test.each(["lease_lost", "redis_full", "not_found"] as const)(
  "%s is final: a repeat would not change it",
  async (code) => {
    const { result, tries } = persisted(() => new TelltaleError(code));

    await expect(result).rejects.toMatchObject({ code });
    expect(tries()).toBe(1);
  },
);

test("when the signal aborts, the last error is thrown at once, and the call is not repeated", async () => {
  const giveUp = new AbortOnDemand();
  const { result, tries } = persisted(() => new TelltaleError("redis_unavailable"), giveUp);
  await vi.advanceTimersByTimeAsync(60);
  expect(tries()).toBe(2);

  giveUp.abort();

  await expect(result).rejects.toMatchObject({ code: "redis_unavailable" });
  expect(tries()).toBe(2);
  expect(vi.getTimerCount()).toBe(0);
});

test("after the signal has aborted, a call is made once", async () => {
  const giveUp = new AbortOnDemand();
  giveUp.abort();
  const { result, tries } = persisted(() => new TelltaleError("redis_unavailable"), giveUp);

  await expect(result).rejects.toMatchObject({ code: "redis_unavailable" });
  expect(tries()).toBe(1);
});
