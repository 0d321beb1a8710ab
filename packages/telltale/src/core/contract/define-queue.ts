import { TelltaleError } from "../errors/error.js";
import { KEY_PATTERN } from "../job/job-id.js";
import { assertKnownOptions } from "../known-options.js";
import { MADE_HERE } from "../made-by.js";
import { type Duration, durationMs } from "./duration.js";
import { LIMITS } from "./limits.js";

/** At most `max` starts in any window of `perMs`. Attempts are counted, not jobs. */
export interface RateLimit {
  readonly max: number;
  readonly perMs: number;
}

/** A queue with limits of its own. Made by `defineQueue`. */
export interface Queue {
  readonly name: string;
  readonly concurrency: number | null;
  readonly rate: RateLimit | null;
  readonly maxWaiting: number | null;
}

/** What a queue may limit, over all its kinds and workers. */
export interface QueueSpec {
  /** Attempts that run at the same time, 1 to 100,000. */
  readonly concurrency?: number;
  /** Attempts that start in any window of `per` (1 ms to 24 h), 1 to 10,000. */
  readonly rate?: { readonly max: number; readonly per: Duration };
  /** Jobs that wait (scheduled, queued or retrying); a submit beyond is refused with `queue_full`. */
  readonly maxWaiting?: number;
}

/**
 * Names a queue and limits it: `queue: defineQueue("mail", { rate: { max: 100, per: "1m" } })` in the contracts that use it.
 * Throws `invalid_config`. The limits in force are those of the process that claims, or submits.
 */
export function defineQueue(name: string, spec: QueueSpec = {}): Queue {
  if (!KEY_PATTERN.test(name)) throw new TelltaleError("invalid_config", `A queue's name matches ${KEY_PATTERN}`);
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

/** A checked rate. Throws `invalid_config`. */
export function rateLimit(what: string, { max, per }: Readonly<{ max: number; per: Duration }>): RateLimit {
  const perMs = durationMs(per);
  if (perMs < 1 || perMs > LIMITS.ratePerMs) throw new TelltaleError("invalid_config", `${what}: per is 1 ms to 24 h`);
  return { max: whole(`${what}: max`, max, LIMITS.rateMax), perMs };
}

/** A checked whole number from 1. Throws `invalid_config`. */
export function whole(what: string, value: number, most: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new TelltaleError("invalid_config", `${what} is a whole number from 1 to ${most}, not ${value}`);
}
