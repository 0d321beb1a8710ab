import { expect, test } from "vitest";
import type { Figure } from "../rows/row.js";
import { ratiosOf } from "./ratios.js";
import { targetOf, verdictOf } from "./verdict.js";

const at = (median: number) => ({ median, min: median, max: median });

const rate: Figure = {
  name: "noop",
  title: "no-op jobs",
  unit: "per s",
  better: "higher",
  required: [
    { factor: 2, of: "bullmq" },
    { factor: 1.2, of: "bee-queue" },
  ],
  stretch: [{ factor: 3, of: "bullmq" }],
};
const latency: Figure = { name: "p50", title: "p50", unit: "ms", better: "lower", required: [{ limit: 2 }] };

test("a figure is met only if it reaches every bound, and misses by the smallest difference", () => {
  const peers = { bullmq: at(100), "bee-queue": at(160) };

  expect(verdictOf(rate, { telltale: at(199), ...peers })).toBe("missed");
  expect(verdictOf(rate, { telltale: at(191), ...peers, bullmq: at(90) })).toBe("missed");
  expect(verdictOf(rate, { telltale: at(200), ...peers })).toBe("met");
  expect(verdictOf(rate, { telltale: at(300), ...peers })).toBe("stretch met");
});

test("a figure where less is better must be at or below its bound", () => {
  expect(verdictOf(latency, { telltale: at(2) })).toBe("met");
  expect(verdictOf(latency, { telltale: at(2.01) })).toBe("missed");
});

test("there is no verdict without a bound or without the peer that it names", () => {
  expect(verdictOf({ ...latency, required: [] }, {})).toBe("none");
  expect(verdictOf(rate, { telltale: at(500), bullmq: at(100) })).toBe("none");
});

test("a target reads as the bound that it is", () => {
  expect(targetOf(rate, rate.required)).toBe("≥ 2 × BullMQ, 1.2 × bee-queue");
  expect(targetOf(latency, latency.required)).toBe("≤ 2 ms");
});

test("a ratio above 1 means that Telltale is ahead, whatever the unit", () => {
  expect(ratiosOf(rate, { telltale: at(300), bullmq: at(100) })).toEqual({ bullmq: 3 });
  expect(ratiosOf(latency, { telltale: at(1), bullmq: at(4) })).toEqual({ bullmq: 4 });
});

test("a contender that did nothing has no ratio", () => {
  expect(ratiosOf(latency, { telltale: at(1), "bee-queue": at(0) })).toEqual({});
});
