import { expect, test } from "vitest";
import type { Figure } from "../rows/row.js";
import { droppedRatios } from "./check.js";

const figure: Figure = { name: "noop", title: "no-op jobs", unit: "per s", better: "higher" };
const committed = { ratios: { noop: { bullmq: 2, "bee-queue": 1.2 } } };

test("--check names a ratio that dropped by more than a quarter", () => {
  const dropped = droppedRatios([figure], { committed, now: { ratios: { noop: { bullmq: 1.49, "bee-queue": 1.2 } } } });

  expect(dropped).toEqual(["noop: Telltale to BullMQ is 1.49, and was 2"]);
});

test("--check accepts a ratio that dropped by a quarter, one that rose, and one that was never committed", () => {
  const now = { ratios: { noop: { bullmq: 1.5, "bee-queue": 9, ioredis: 0.01 } } };

  expect(droppedRatios([figure], { committed, now })).toEqual([]);
});

test("--check leaves out figures that differ from run to run", () => {
  const now = { ratios: { noop: { bullmq: 0.1 } } };

  expect(droppedRatios([{ ...figure, isNoisy: true }], { committed, now })).toEqual([]);
});
