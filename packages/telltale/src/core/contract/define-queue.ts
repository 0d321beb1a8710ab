import { TelltaleError } from "../errors/error.js";
import { KEY_PATTERN } from "../job/job-id.js";
import { assertKnownOptions } from "../known-options.js";
import { MADE_HERE } from "../made-by.js";
import { type Duration, durationMs } from "./duration.js";
import { LIMITS } from "./limits.js";

/** A rate limit: at most `max` attempts start within any window of `perMs` milliseconds. Retries count too. */
export interface RateLimit {
  readonly max: number;
  readonly perMs: number;
}

/** A queue with limits. A limit that is not set is null. Create it with `defineQueue`. */
export interface Queue {
  readonly name: string;
  /** The most attempts that run at the same time. */
  readonly concurrency: number | null;
  /** The most attempts that start within a window of time. */
  readonly rate: RateLimit | null;
  /** The most scheduled, queued and retrying jobs together. */
  readonly maxWaiting: number | null;
}

/** The limits of a queue. They apply to all its kinds and all workers together. */
export interface QueueSpec {
  /** The most attempts that run at the same time, 1 to 100,000. @default unlimited */
  readonly concurrency?: number;
  /** At most `max` attempts (1 to 10,000) start within any window of `per` (1 ms to 24 h). @default unlimited */
  readonly rate?: { readonly max: number; readonly per: Duration };
  /** The most scheduled, queued and retrying jobs together. Further submits reject with `queue_full`. @default unlimited */
  readonly maxWaiting?: number;
}

/**
 * Defines a queue with limits. Pass it to the contracts that use it, as in
 * `queue: defineQueue("mail", { rate: { max: 100, per: "1m" } })`. Throws `invalid_config` for an invalid name or limit.
 *
 * Limits are not stored in Redis. The limits in the worker's code apply to attempts, and `maxWaiting` in the code of the process
 * that submits.
 */
export function defineQueue(name: string, spec: QueueSpec = {}): Queue {
  if (!KEY_PATTERN.test(name))
    throw new TelltaleError("invalid_config", `Queue ${JSON.stringify(name)}: the name must match ${KEY_PATTERN}`);
  const what = `Queue ${JSON.stringify(name)}: `;
  assertKnownOptions(`Queue ${JSON.stringify(name)}`, spec, { concurrency: true, rate: true, maxWaiting: true });
  if (spec.rate) assertKnownOptions(`${what}rate`, spec.rate, { max: true, per: true });
  return Object.freeze({
    name,
    concurrency: spec.concurrency === undefined ? null : whole(`${what}concurrency`, spec.concurrency, 100_000),
    rate: spec.rate === undefined ? null : rateLimit(`${what}rate`, spec.rate),
    maxWaiting: spec.maxWaiting === undefined ? null : whole(`${what}maxWaiting`, spec.maxWaiting, 1_000_000_000),
    ...MADE_HERE,
  });
}

/** Returns the validated rate limit, or throws `invalid_config`. */
export function rateLimit(what: string, { max, per }: Readonly<{ max: number; per: Duration }>): RateLimit {
  const perMs = durationMs(per);
  if (perMs < 1 || perMs > LIMITS.ratePerMs)
    throw new TelltaleError("invalid_config", `${what}: per must be 1 ms to 24 h, not ${perMs} ms`);
  return { max: whole(`${what}: max`, max, LIMITS.rateMax), perMs };
}

/** Returns the value. Throws `invalid_config` unless it is a whole number from 1 to `most`. */
export function whole(what: string, value: number, most: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new TelltaleError("invalid_config", `${what} must be a whole number from 1 to ${most}, not ${value}`);
}
