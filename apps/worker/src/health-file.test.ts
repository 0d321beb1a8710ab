import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { isFresh, keepHealthFile } from "./health-file.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "telltale-health-"));
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"] });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

const running = { running: 0, free: 1, lastBeatAt: null, draining: false };

test("a worker is healthy while Redis answers it, and unhealthy when Redis stops answering", () => {
  const file = join(folder, "healthy");
  let lastClaimAt: number | null = null;
  const stop = keepHealthFile(file, () => ({ ...running, lastClaimAt, lastExtendAt: null }));

  vi.advanceTimersByTime(10_000);
  expect(isFresh(file)).toBe(false);
  lastClaimAt = Date.now();
  vi.advanceTimersByTime(2_000);
  expect(isFresh(file)).toBe(true);
  vi.advanceTimersByTime(60_000);
  expect(isFresh(file)).toBe(false);
  stop();
});

test("a worker at its concurrency limit is healthy while it extends leases", () => {
  const file = join(folder, "healthy");
  const stop = keepHealthFile(file, () => ({ ...running, lastClaimAt: 0, lastExtendAt: Date.now() }));

  vi.advanceTimersByTime(60_000);

  expect(isFresh(file)).toBe(true);
  stop();
});

test("a worker that was drained is healthy while Redis answers its beats, so that it is not restarted", () => {
  const file = join(folder, "healthy");
  let lastBeatAt: number | null = Date.now();
  const drained = { ...running, draining: true, lastClaimAt: 0, lastExtendAt: null };
  const stop = keepHealthFile(file, () => ({ ...drained, lastBeatAt }));
  vi.advanceTimersByTime(2_000);
  expect(isFresh(file)).toBe(true);

  lastBeatAt = null;
  vi.advanceTimersByTime(60_000);

  expect(isFresh(file)).toBe(false);
  stop();
});

test("beats do not make a worker healthy that claims nothing although it should", () => {
  const file = join(folder, "healthy");
  const stop = keepHealthFile(file, () => ({ ...running, lastClaimAt: 0, lastExtendAt: null, lastBeatAt: Date.now() }));

  vi.advanceTimersByTime(60_000);

  expect(existsSync(file)).toBe(false);
  stop();
});

test("a stopped worker, or one without a health file, writes nothing", () => {
  const file = join(folder, "healthy");
  const alive = () => ({ ...running, lastClaimAt: Date.now(), lastExtendAt: null });

  keepHealthFile(file, alive)();
  keepHealthFile("", alive);
  vi.advanceTimersByTime(60_000);

  expect(existsSync(file)).toBe(false);
});
