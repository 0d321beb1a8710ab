import type { z } from "zod";
import { type Backoff, DEFAULT_BACKOFF } from "./backoff.js";
import type { AnyJob, Job, Retention, Schema } from "./contract.js";
import { type Duration, durationMs } from "./duration.js";
import { TelltaleError } from "./error.js";
import { JOB_ERRORS } from "./job-error.js";
import { KEY_PATTERN, KIND_PATTERN } from "./job-id.js";
import { LIMITS } from "./limits.js";

/** What a contract says besides its kind. */
export interface JobSpec<
  I extends Schema,
  P extends Schema,
  C extends Schema,
  O extends Schema,
  E extends Record<string, Schema>,
> {
  readonly input: I;
  readonly output: O;
  readonly progress?: P;
  readonly chunk?: C;
  readonly errors?: E;
  /** How often to try, first time included (1 to 25), and how long to wait in between. @default 3, exponential("1s", { max: "1m" }) */
  readonly retry?: { readonly attempts?: number; readonly backoff?: Backoff };
  /** How long one attempt may take, up to 24 h. @default "5m" */
  readonly timeout?: Duration;
  /** The lane its jobs wait in. @default its kind */
  readonly queue?: string;
  /** @default completed: 24 h, failed and cancelled: 7 days; 10,000 of each a queue */
  readonly retention?: { readonly completed?: RetentionSpec; readonly failed?: RetentionSpec };
}

/** How long to keep finished jobs: whichever bound is met first. */
export interface RetentionSpec {
  readonly age?: Duration;
  readonly count?: number;
}

/** Names a client made from the contracts needs for itself, or that JavaScript looks up on every object. */
const RESERVED_KINDS = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  ...Object.getOwnPropertyNames(Function.prototype),
  ...["then", "catch", "finally", "close", "prototype", "query", "mutate", "subscribe", "submitPrepared"],
]);

/** Makes a contract. Throws `invalid_config` for names and numbers the engine would refuse later. */
export function defineJob<
  const K extends string,
  I extends Schema,
  O extends Schema,
  P extends Schema = z.ZodNever,
  C extends Schema = z.ZodNever,
  // biome-ignore lint/complexity/noBannedTypes: no declared errors; Record<string, never> would make every code valid.
  E extends Record<string, Schema> = {},
>(kind: K, spec: JobSpec<I, P, C, O, E>): Job<K, I, P, C, O, E> {
  checkKind(kind);
  const attempts = spec.retry?.attempts ?? 3;
  const timeoutMs = durationMs(spec.timeout ?? "5m");
  const queue = spec.queue ?? kind;
  refuseUnless(Number.isInteger(attempts) && attempts >= 1 && attempts <= LIMITS.attempts, kind, "attempts is 1 to 25");
  refuseUnless(timeoutMs >= 1 && timeoutMs <= LIMITS.timeoutMs, kind, "timeout is 1 ms to 24 h");
  refuseUnless(KEY_PATTERN.test(queue), kind, `queue matches ${KEY_PATTERN}`);
  for (const code of Object.keys(spec.errors ?? {})) {
    refuseUnless(/^[a-z][a-z0-9_]{0,47}$/.test(code), kind, `an error code is snake_case, not ${JSON.stringify(code)}`);
    refuseUnless(!Object.hasOwn(JOB_ERRORS, code), kind, `"${code}" is a code of Telltale's own`);
  }
  return Object.freeze({
    kind,
    input: spec.input,
    progress: spec.progress,
    chunk: spec.chunk,
    output: spec.output,
    // The default of E is {}, which an absent `errors` is; the compiler cannot connect the two.
    errors: spec.errors ?? ({} as E),
    queue,
    attempts,
    backoff: spec.retry?.backoff ?? DEFAULT_BACKOFF,
    timeoutMs,
    retention: {
      completed: retention(kind, spec.retention?.completed, "24h"),
      failed: retention(kind, spec.retention?.failed, "7d"),
    },
  });
}

/** Collects an application's contracts by kind. Throws `invalid_config` when two share one. */
export function defineJobs<const T extends readonly AnyJob[]>(...jobs: T): { [J in T[number] as J["kind"]]: J } {
  const byKind = Object.fromEntries(jobs.map((job) => [job.kind, job]));
  if (Object.keys(byKind).length < jobs.length) {
    throw new TelltaleError("invalid_config", "Two contracts have the same kind");
  }
  // Built from the very list the type is computed from.
  return Object.freeze(byKind) as { [J in T[number] as J["kind"]]: J };
}

function checkKind(kind: string): void {
  refuseUnless(KIND_PATTERN.test(kind), kind, `a kind matches ${KIND_PATTERN}`);
  refuseUnless(!RESERVED_KINDS.has(kind), kind, "this name is taken by clients and objects");
}

function retention(kind: string, spec: RetentionSpec | undefined, defaultAge: Duration): Retention {
  const ageMs = durationMs(spec?.age ?? defaultAge);
  const count = spec?.count ?? 10_000;
  refuseUnless(ageMs >= LIMITS.minRetentionMs, kind, "retention is never under 60 s");
  refuseUnless(Number.isInteger(count) && count >= 1, kind, "a retention count is a whole number from 1");
  return { ageMs, count };
}

function refuseUnless(holds: boolean, kind: string, rule: string): void {
  if (!holds)
    throw new TelltaleError("invalid_config", `Contract ${JSON.stringify(String(kind).slice(0, 64))}: ${rule}`);
}
