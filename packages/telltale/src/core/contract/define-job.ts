import { TelltaleError } from "../errors/error.js";
import { JOB_ERROR_CODE_PATTERN, JOB_ERRORS } from "../job/job-error.js";
import { KEY_PATTERN, KIND_PATTERN } from "../job/job-id.js";
import type { LogReaders } from "../job/job-log.js";
import { assertKnownOptions } from "../known-options.js";
import { assertSameVersion, MADE_HERE } from "../made-by.js";
import { type Backoff, checkBackoff, DEFAULT_BACKOFF } from "./backoff.js";
import type { AnyJob, NoSchema, Retention, Schema, Upgrade } from "./contract.js";
import { defineQueue, type Queue } from "./define-queue.js";
import { type Duration, durationMs } from "./duration.js";
import type { DefinedJob } from "./handler.js";
import { type KeyLimitsSpec, keyLimits } from "./key-limits.js";
import { isKind } from "./kind.js";
import { LIMITS } from "./limits.js";
import { sensitivePaths } from "./sensitive.js";

/** The options of `defineJob`. */
export interface JobSpec<
  I extends Schema,
  P extends Schema,
  C extends Schema,
  O extends Schema,
  E extends Record<string, Schema>,
> {
  /**
   * The zod schema of the input, at most 256 KB encoded. Submits with another input reject with `invalid_input`. Workers parse
   * the input again before each attempt.
   */
  readonly input: I;
  /** The zod schema of the handler's return value, at most 256 KB encoded. Another value fails the job as `invalid_output`. */
  readonly output: O;
  /** The zod schema of progress reports, at most 16 KB encoded. Reports that do not fit are dropped and logged. @default none */
  readonly progress?: P;
  /** The zod schema of one piece of streamed output, at most 16 KB encoded. @default none */
  readonly chunk?: C;
  /**
   * The error codes with which the handler may fail the job, in snake_case, each with the zod schema of its data. @default none
   */
  readonly errors?: E;
  /**
   * The version of `input`, 1 to 1000. Increase it with each change that the inputs of waiting jobs may not fit, and add an
   * `upgrade`. @default 1
   */
  readonly version?: number;
  /**
   * Functions that convert an input to the next version, keyed by the version that they start from. `input` parses the result
   * of the last one. The upgrade to the current `version` is required, and there must be no gaps. You can remove the oldest
   * upgrades once no stored job needs them. @default none
   */
  readonly upgrade?: Readonly<Record<number, Upgrade>>;
  /**
   * The most attempts per round, the first one included (1 to 25), and the delay between them.
   * @default 3 attempts, exponential("1s", { max: "1m" })
   */
  readonly retry?: { readonly attempts?: number; readonly backoff?: Backoff };
  /** The longest time that one attempt may take, up to 24 h. Then its signal aborts and the attempt fails. @default "5m" */
  readonly timeout?: Duration;
  /** The queue in which the jobs wait: a name, or a queue with limits from `defineQueue`. @default the kind */
  readonly queue?: string | Queue;
  /**
   * The queues in which jobs of this kind may still be, because `queue` was another one before: at most 10 names, or queues with
   * limits from `defineQueue`. Workers of this kind also take jobs from them. Jobs in them are found, and their idempotency and
   * unique keys still count. Remove a queue once its last job of this kind is gone. @default none
   */
  readonly formerQueues?: readonly (string | Queue)[];
  /**
   * Concurrency and rate limits per key, for example per tenant. Keys take turns, so a busy tenant does not delay others.
   * @default none
   */
  readonly limits?: KeyLimitsSpec<I>;
  /**
   * Who may read the logs of the jobs: operators, or also the owner of a job and holders of its token. Operators may always.
   * @default "operators"
   */
  readonly logs?: LogReaders;
  /**
   * Where sensitive values are in the input, output, progress, chunks and data of errors: names with dots, such as `card.number`, at most
   * 50. `*` stands for every name, and lists are passed through. Operators see `[redacted]` in their place, unless they own the job.
   * Texts and numbers of four or more characters at these paths of the input are also replaced in the messages of errors and in the job's log. The values
   * themselves are stored. @default none
   */
  readonly sensitive?: readonly string[];
  /**
   * How long finished jobs are kept. Cancelled jobs are kept like failed ones.
   * @default completed 24 h, failed 7 days, and at most 10,000 of each in a queue
   */
  readonly retention?: { readonly completed?: RetentionSpec; readonly failed?: RetentionSpec };
}

/** How long to keep finished jobs, by age and by count in the queue. The stricter limit applies. */
export interface RetentionSpec {
  /** At least 60 s. @default 24 h for completed jobs, 7 days for others */
  readonly age?: Duration;
  /** At least 1. Jobs that finished within the last 60 s are kept in any case. @default 10000 */
  readonly count?: number;
}

/**
 * Defines the contract of one kind of job. A kind starts with a lower-case letter and has up to 64 letters, digits, dots, hyphens
 * and underscores. Throws `invalid_config` for options that are unknown or out of range, and for schemas that are not zod 4.
 */
export function defineJob<
  const K extends string,
  I extends Schema,
  O extends Schema,
  // With z.ZodNever as the default, comparing zod's classes would cost the compiler 75,000 type instantiations.
  P extends Schema = NoSchema,
  C extends Schema = NoSchema,
  // biome-ignore lint/complexity/noBannedTypes: no declared errors; Record<string, never> would make every code valid.
  E extends Record<string, Schema> = {},
>(kind: K, spec: JobSpec<I, P, C, O, E>): DefinedJob<K, I, P, C, O, E> {
  checkKind(kind);
  checkNames(kind, spec);
  for (const part of ["input", "output", "progress", "chunk"] as const) {
    refuseUnless(spec[part] === undefined || isZod4(spec[part]), kind, `${part} ${NOT_ZOD_4}`);
  }
  const attempts = spec.retry?.attempts ?? 3;
  const timeoutMs = durationMs(spec.timeout ?? "5m");
  const definedQueue = typeof spec.queue === "object" ? spec.queue : null;
  if (definedQueue) assertSameVersion(`The queue ${quoted(definedQueue.name)}`, definedQueue);
  const queue = definedQueue?.name ?? (typeof spec.queue === "string" ? spec.queue : kind);
  const version = spec.version ?? 1;
  refuseUnless(
    isFrom1To(LIMITS.attempts, attempts),
    kind,
    `retry.attempts must be a whole number from 1 to 25, not ${attempts}`,
  );
  refuseUnless(
    timeoutMs >= 1 && timeoutMs <= LIMITS.timeoutMs,
    kind,
    `timeout must be 1 ms to 24 h, not ${timeoutMs} ms`,
  );
  refuseUnless(
    isFrom1To(LIMITS.version, version),
    kind,
    `version must be a whole number from 1 to 1000, not ${version}`,
  );
  refuseUnless(
    KEY_PATTERN.test(queue),
    kind,
    `the name of its queue must match ${KEY_PATTERN}, unlike ${quoted(queue)}`,
  );
  for (const [code, schema] of Object.entries(spec.errors ?? {})) {
    refuseUnless(
      JOB_ERROR_CODE_PATTERN.test(code),
      kind,
      `an error code must match ${JOB_ERROR_CODE_PATTERN}, unlike ${quoted(code)}`,
    );
    refuseUnless(isZod4(schema), kind, `the data of the error ${quoted(code)} ${NOT_ZOD_4}`);
    refuseUnless(!Object.hasOwn(JOB_ERRORS, code), kind, `the error code "${code}" is reserved. Choose another one`);
  }
  return Object.freeze({
    kind,
    input: spec.input,
    progress: spec.progress,
    chunk: spec.chunk,
    output: spec.output,
    // Without `errors`, E is its default {}, which the compiler does not know here.
    errors: spec.errors ?? ({} as E),
    queue,
    definedQueue,
    formerQueues: formerQueues(kind, queue, spec.formerQueues ?? []),
    limits: keyLimits(kind, spec.limits),
    version,
    upgrade: upgrades(kind, version, spec.upgrade ?? {}),
    attempts,
    backoff: checkBackoff(spec.retry?.backoff ?? DEFAULT_BACKOFF),
    timeoutMs,
    logs: logReaders(kind, spec.logs),
    sensitive: sensitivePaths(kind, spec.sensitive),
    retention: {
      completed: retention(kind, spec.retention?.completed, "24h"),
      failed: retention(kind, spec.retention?.failed, "7d"),
    },
    ...MADE_HERE,
  });
}

/**
 * Collects an application's contracts by kind, for `createTelltale`. Throws `invalid_config` if two contracts have the same kind,
 * or give the same queue different limits.
 */
export function defineJobs<const T extends readonly AnyJob[]>(...jobs: T): { [J in T[number] as J["kind"]]: J } {
  for (const job of jobs) assertSameVersion(`The contract ${quoted(job.kind)}`, job);
  const byKind = Object.fromEntries(jobs.map((job) => [job.kind, job]));
  if (Object.keys(byKind).length < jobs.length) {
    const twice = jobs.find(({ kind }, i) => jobs.findIndex((job) => job.kind === kind) < i);
    throw new TelltaleError(
      "invalid_config",
      `Two contracts have the kind ${quoted(String(twice?.kind))}. Rename one of them`,
    );
  }
  const defined = jobs.flatMap(({ definedQueue, formerQueues }) => [
    ...(definedQueue ? [definedQueue] : []),
    ...formerQueues.filter(hasLimits),
  ]);
  for (const queue of defined) {
    const others = defined.filter(({ name }) => name === queue.name);
    if (others.some((other) => JSON.stringify(other) !== JSON.stringify(queue))) {
      throw new TelltaleError(
        "invalid_config",
        `Two contracts give the queue ${JSON.stringify(queue.name)} different limits. Share one defineQueue() between them`,
      );
    }
  }
  // The type is computed from the same list.
  return Object.freeze(byKind) as { [J in T[number] as J["kind"]]: J };
}

function checkNames(kind: string, spec: JobSpec<Schema, Schema, Schema, Schema, Record<string, Schema>>): void {
  const what = `Contract ${quoted(kind)}`;
  assertKnownOptions(what, spec, {
    ...{ input: true, output: true, progress: true, chunk: true, errors: true, version: true, upgrade: true },
    ...{
      retry: true,
      timeout: true,
      queue: true,
      formerQueues: true,
      limits: true,
      logs: true,
      retention: true,
      sensitive: true,
    },
  });
  assertKnownOptions(`${what}: retry`, spec.retry ?? {}, { attempts: true, backoff: true });
  assertKnownOptions(`${what}: retention`, spec.retention ?? {}, { completed: true, failed: true });
  for (const [status, retention] of Object.entries(spec.retention ?? {})) {
    assertKnownOptions(`${what}: retention.${status}`, retention ?? {}, { age: true, count: true });
  }
}

function logReaders(kind: string, given: LogReaders = "operators"): LogReaders {
  const isKnown = given === "operators" || given === "owner";
  refuseUnless(isKnown, kind, `logs must be "operators" or "owner", not ${quoted(String(given))}`);
  return given;
}

function formerQueues(kind: string, current: string, given: readonly (string | Queue)[]): readonly Queue[] {
  refuseUnless(
    Array.isArray(given) && given.length <= 10,
    kind,
    "formerQueues must be a list of at most 10 queues. Remove those without jobs of this kind",
  );
  const queues = given.map((one) => {
    if (typeof one !== "object") return defineQueue(String(one));
    assertSameVersion(`The former queue ${quoted(String(one?.name))}`, one);
    return one;
  });
  const names = queues.map(({ name }) => name);
  refuseUnless(!names.includes(current), kind, `formerQueues contains ${quoted(current)}, which is its current queue`);
  refuseUnless(new Set(names).size === names.length, kind, "formerQueues contains a queue twice");
  return Object.freeze(queues);
}

function hasLimits({ concurrency, rate, maxWaiting }: Queue): boolean {
  return concurrency !== null || rate !== null || maxWaiting !== null;
}

function checkKind(kind: string): void {
  refuseUnless(KIND_PATTERN.test(kind), kind, `a kind must match ${KIND_PATTERN}. Choose another one`);
  refuseUnless(
    isKind(kind),
    kind,
    "clients or all objects already have a property with the name of this kind. Choose another one",
  );
}

// The upgrade from the previous version is required, because its jobs are waiting during a deploy. The oldest upgrades may be
// removed. Gaps are refused, because the jobs of all versions before a gap would fail.
function upgrades(kind: string, version: number, given: Readonly<Record<number, Upgrade>>): AnyJob["upgrade"] {
  const steps = Object.entries(given);
  for (const [from, step] of steps) {
    const isVersion = /^[1-9]\d{0,2}$/.test(from) && Number(from) < version;
    refuseUnless(
      isVersion,
      kind,
      `an upgrade must start from a version from 1 to ${version - 1}, not from ${quoted(from)}`,
    );
    refuseUnless(typeof step === "function", kind, `the upgrade from version ${from} is not a function`);
  }
  const oldest = Math.min(version - 1, ...steps.map(([from]) => Number(from)));
  for (let from = Math.max(oldest, 1); from < version; from++) {
    refuseUnless(Object.hasOwn(given, from), kind, `the upgrade from version ${from} is missing. Add it to upgrade`);
  }
  return Object.freeze(Object.fromEntries(steps));
}

const NOT_ZOD_4 = "is not a zod 4 schema. Update zod: npm install zod@^4.0.0";

// All zod 4 schemas have `_zod`, including those of zod/mini and of zod/v4 in late versions of zod 3. Older schemas do not.
function isZod4(schema: unknown): boolean {
  return typeof schema === "object" && schema !== null && "_zod" in schema;
}

function isFrom1To(most: number, value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most;
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 64));
}

function retention(kind: string, spec: RetentionSpec | undefined, defaultAge: Duration): Retention {
  const ageMs = durationMs(spec?.age ?? defaultAge);
  const count = spec?.count ?? 10_000;
  refuseUnless(ageMs >= LIMITS.minRetentionMs, kind, `retention ages must be at least 60 s, not ${ageMs} ms`);
  refuseUnless(
    Number.isInteger(count) && count >= 1,
    kind,
    `a retention count must be a whole number of at least 1, not ${count}`,
  );
  return { ageMs, count };
}

function refuseUnless(holds: boolean, kind: string, rule: string): void {
  if (!holds) throw new TelltaleError("invalid_config", `Contract ${quoted(String(kind))}: ${rule}`);
}
