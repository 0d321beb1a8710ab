import type { z } from "zod";
import type { Schema } from "./contract.js";
import { type RateLimit, rateLimit, whole } from "./define-queue.js";
import type { Duration } from "./duration.js";
import { LIMITS } from "./limits.js";

/** What a job counts against, from its parsed input. Called once, where the job is submitted. */
type KeyOf<I extends Schema> = (input: z.output<I>) => string;

/** Limits for the jobs of one kind that share a key, a tenant's for instance; keys take turns. */
export interface KeyLimitsSpec<I extends Schema> {
  /** Attempts of one key that run at the same time, 1 to 1,000. */
  readonly concurrency?: { readonly key: KeyOf<I>; readonly max: number };
  /** Attempts of one key that start in any window of `per` (1 ms to 24 h), 1 to 10,000. */
  readonly rate?: { readonly key: KeyOf<I>; readonly max: number; readonly per: Duration };
}

/** Checked limits per key. */
export interface KeyLimits<I extends Schema> {
  readonly concurrency: { readonly key: KeyOf<I>; readonly max: number } | null;
  readonly rate: ({ readonly key: KeyOf<I> } & RateLimit) | null;
}

/** Throws `invalid_config`. */
export function keyLimits<I extends Schema>(kind: string, spec: KeyLimitsSpec<I> = {}): KeyLimits<I> {
  const { concurrency, rate } = spec;
  const what = `Contract ${JSON.stringify(kind)}: limits`;
  return {
    concurrency: concurrency
      ? { key: concurrency.key, max: whole(`${what}.concurrency.max`, concurrency.max, LIMITS.keyConcurrency) }
      : null,
    rate: rate ? { key: rate.key, ...rateLimit(`${what}.rate`, rate) } : null,
  };
}
