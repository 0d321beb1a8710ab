import { type Backoff, unreachable } from "@telltale/core";

const JITTER = 0.2;

/** How long to wait after failed attempt `attempt` (from 1), ms: the contract's backoff with ± 20 % jitter, within 24 h. */
export function retryDelayMs(backoff: Backoff, attempt: number, random: () => number = Math.random): number {
  const jitter = 1 + (random() * 2 - 1) * JITTER;
  return Math.min(Math.round(plainDelayMs(backoff, attempt) * jitter), 86_400_000);
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
