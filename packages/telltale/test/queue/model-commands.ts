import fc from "fast-check";
import { PRIORITIES } from "telltale";
import { NO_LIMITS, type QueueLimits } from "../../src/queue/record/queue-limits.js";
import { LEASE_MS } from "./model.js";

/** How often each command is drawn, and the options of submits. */
interface Mix {
  readonly weights: Readonly<Record<"submit" | "claim" | "cancel" | "rerun" | "remove" | "pause" | "prune", number>>;
  readonly key: fc.Arbitrary<string | null>;
  readonly limitKey: fc.Arbitrary<string | null>;
  readonly priority: fc.Arbitrary<(typeof PRIORITIES)[number]>;
  readonly startWithinMs: fc.Arbitrary<number | null>;
  readonly account: fc.Arbitrary<"ann" | "bob" | null>;
  readonly ms: fc.Arbitrary<number>;
  readonly limits: fc.Arbitrary<QueueLimits>;
}

const NONE = fc.constant(null);

/** Commands for a queue without limits. */
const PLAIN: Mix = {
  weights: { submit: 4, claim: 5, cancel: 3, rerun: 2, remove: 3, pause: 1, prune: 1 },
  key: fc.option(fc.constantFrom("a", "b"), { freq: 2 }),
  limitKey: NONE,
  priority: fc.constantFrom(...PRIORITIES),
  startWithinMs: NONE,
  account: NONE,
  ms: fc.constantFrom(1, 500, 2_000, LEASE_MS, LEASE_MS + 1, 25 * 3_600_000, 8 * 86_400_000, -30_000, -120_000),
  limits: fc.constant(NO_LIMITS),
};

const kind = "resize";
const perKey = (concurrency: number | null, rate: { max: number; perMs: number } | null): QueueLimits => ({
  ...NO_LIMITS,
  kinds: [{ kind, concurrency, rate }],
});

/** Few keys that are used often, and short times, so that limits often prevent starts and allow them again. */
const LIMITED: Mix = {
  weights: { submit: 8, claim: 8, cancel: 1, rerun: 1, remove: 1, pause: 1, prune: 1 },
  key: fc.constantFrom("a", null, null, null),
  limitKey: fc.constantFrom("a", "a", "b", null),
  priority: fc.constantFrom("normal", "normal", "normal", "low", "urgent"),
  startWithinMs: fc.constantFrom(null, null, null, 700),
  account: fc.constantFrom(null, null, null, null, null, null, "ann", "bob"),
  ms: fc.constantFrom(1, 300, 500, 701, 1_000, 1_000, 2_000, 29_999, LEASE_MS, LEASE_MS + 1, -30_000, -120_000),
  limits: fc.constantFrom(
    perKey(1, null),
    perKey(1, { max: 1, perMs: 1_000 }),
    perKey(2, { max: 2, perMs: 1_000 }),
    perKey(null, { max: 1, perMs: 45_000 }),
    { ...perKey(1, null), concurrency: 3, maxWaiting: 5 },
    { ...NO_LIMITS, concurrency: 2 },
    { ...NO_LIMITS, rate: { max: 2, perMs: 1_000 }, maxWaiting: 3 },
  ),
};

// An index from the newest on, mostly the newest: the leases that a worker holds. Older ones are leases that it no longer holds.
const index = fc.oneof({ weight: 3, arbitrary: fc.nat({ max: 1 }) }, { weight: 1, arbitrary: fc.nat({ max: 30 }) });

function commandOf({ weights, key, limitKey, priority, startWithinMs, account, ms }: Mix) {
  return fc.oneof(
    {
      weight: weights.submit,
      arbitrary: fc.record({
        do: fc.constant("submit"),
        width: fc.nat({ max: 1 }),
        priority,
        delayMs: fc.constantFrom(0, 0, 500),
        unique: key,
        idempotency: key,
        concurrency: limitKey,
        rate: limitKey,
        startWithinMs,
        account,
      }),
    },
    {
      weight: weights.claim,
      arbitrary: fc.record({
        do: fc.constant("claim"),
        loop: fc.constantFrom("x", "y"),
        repeat: fc.boolean(),
        room: fc.integer({ min: 1, max: 3 }),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constantFrom("complete", "fail", "release"),
        lease: index,
        retryIn: fc.constantFrom(null, 0, 0, 200),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("extend"), lease: index }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant("progress"), lease: index, n: fc.integer({ min: 1, max: 3 }) }),
    },
    { weight: weights.cancel, arbitrary: fc.record({ do: fc.constant("cancel"), job: index }) },
    { weight: weights.rerun, arbitrary: fc.record({ do: fc.constant("rerun"), job: index, late: fc.boolean() }) },
    {
      weight: weights.remove,
      arbitrary: fc.record({ do: fc.constantFrom("run now", "remove", "remove"), job: index }),
    },
    { weight: weights.pause, arbitrary: fc.record({ do: fc.constantFrom("pause", "resume", "resume") }) },
    { weight: weights.prune, arbitrary: fc.record({ do: fc.constant("prune") }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("promote", "promote", "expire") }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant("reclaim"), afterMs: fc.constantFrom(0, LEASE_MS, LEASE_MS + 1) }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("wait"), ms }) },
  );
}

function programOf(mix: Mix) {
  const step = fc.record({ command: commandOf(mix), isSentTwice: fc.boolean() });
  return fc.record({
    limits: mix.limits,
    steps: fc.array(step, { minLength: 5, maxLength: 40, size: "max" }),
  });
}

/** Random programs of calls, for queues without and with limits. */
export const PROGRAMS = { queue: programOf(PLAIN), limits: programOf(LIMITED) } as const;

/** One call of a program. */
export type Command = ReturnType<typeof commandOf> extends fc.Arbitrary<infer C> ? C : never;
