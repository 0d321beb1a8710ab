import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Logger } from "./logger.js";
import { sparingLogger } from "./sparing-logger.js";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

test("a repeated warning is logged every ten seconds, with the number of repetitions", () => {
  const lines: unknown[] = [];
  const silent = (): void => {};
  const logger: Logger = { debug: silent, info: silent, warn: (data, text) => lines.push([data, text]), error: silent };
  const sparing = sparingLogger(logger);

  for (let i = 0; i < 100; i++) sparing.warn({ queue: `q${i}` }, "maintenance failed");
  sparing.warn({}, "another problem");
  vi.advanceTimersByTime(10_000);
  sparing.warn({ queue: "a" }, "maintenance failed");
  vi.advanceTimersByTime(10_000);
  sparing.warn({ queue: "b" }, "maintenance failed");

  expect(lines).toEqual([
    [{ queue: "q0" }, "maintenance failed"],
    [{}, "another problem"],
    [{ queue: "a", repeated: 99 }, "maintenance failed"],
    [{ queue: "b" }, "maintenance failed"],
  ]);
});
