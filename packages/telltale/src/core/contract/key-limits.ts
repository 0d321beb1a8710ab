import { assertKnownOptions } from "../known-options.js";
import type { KeyLimits, KeyOf, Schema } from "./contract.js";
import { rateLimit, whole } from "./define-queue.js";
import type { Duration } from "./duration.js";
import { LIMITS } from "./limits.js";

/** Limits for the jobs of one kind that share a key, for example a tenant. Keys take turns. */
export interface KeyLimitsSpec<I extends Schema> {
  /** At most `max` attempts of one key (1 to 1,000) run at the same time. */
  readonly concurrency?: { readonly key: KeyOf<I>; readonly max: number };
  /** At most `max` attempts of one key (1 to 10,000) start within any window of `per` (1 ms to 24 h). */
  readonly rate?: { readonly key: KeyOf<I>; readonly max: number; readonly per: Duration };
}

/** Returns the validated limits. Throws `invalid_config`. */
export function keyLimits<I extends Schema>(kind: string, spec: KeyLimitsSpec<I> = {}): KeyLimits<I> {
  const { concurrency, rate } = spec;
  const what = `Contract ${JSON.stringify(kind)}: limits`;
  assertKnownOptions(what, spec, { concurrency: true, rate: true });
  if (concurrency) assertKnownOptions(`${what}.concurrency`, concurrency, { key: true, max: true });
  if (rate) assertKnownOptions(`${what}.rate`, rate, { key: true, max: true, per: true });
  return {
    concurrency: concurrency
      ? { key: concurrency.key, max: whole(`${what}.concurrency.max`, concurrency.max, LIMITS.keyConcurrency) }
      : null,
    rate: rate ? { key: rate.key, ...rateLimit(`${what}.rate`, rate) } : null,
  };
}
