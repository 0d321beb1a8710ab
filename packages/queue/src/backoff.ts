import { type Backoff, unreachable } from "@telltale/core";

const JITTER = 0.2;
const MIN_MS = 100;
const MAX_MS = 86_400_000;

/** How long to wait after failed attempt `attempt` (from 1), ms: the contract's backoff with ± 20 % jitter, within 100 ms and 24 h. */
export function retryDelayMs(backoff: Backoff, attempt: number, random: () => number = Math.random): number {
  const jitter = 1 + (random() * 2 - 1) * JITTER;
  return Math.min(Math.max(Math.round(plainDelayMs(backoff, attempt) * jitter), MIN_MS), MAX_MS);
}

function plainDelayMs(backoff: Backoff, attempt: number): number {
  switch (backoff.type) {
    case "fixed":
      return backoff.delayMs;
    case "exponential":
      return Math.min(backoff.delayMs * 2 ** (attempt - 1), backoff.maxMs);
    default:
      return unreachable(backoff);
  }
}
