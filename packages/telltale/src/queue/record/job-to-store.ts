import { type SubmitOption, submitOptions, wireNameOf } from "../../core/internal.js";
import type { WireSubmitOptions } from "../../core/schemas.js";
import type { ScriptArgument } from "../scripts/script.js";
import { fingerprint } from "./fingerprint.js";
import type { Quota } from "./quota.js";

/** A validated job, ready to be stored. */
export interface JobToStore extends Readonly<WireSubmitOptions> {
  readonly id: string;
  readonly kind: string;
  readonly owner: string | null;
  /** Encoded. */
  readonly input: string;
  readonly attempts: number;
  /** The version of the contract with which `input` was validated. */
  readonly version: number;
  /** How many parent jobs are above it: 0 if no handler submitted it. */
  readonly depth: number;
  /** The keys of the contract's concurrency and rate limits under which the job counts. */
  readonly limitKeys: { readonly concurrency: string | null; readonly rate: string | null };
  /** The limit of outstanding jobs to enforce. */
  readonly quota?: Quota | undefined;
}

// The other arguments are submit options. Their table is SUBMIT_OPTIONS in core.
const OWN_ARGUMENTS = {
  id: ({ id }) => id,
  kind: ({ kind }) => kind,
  owner: ({ owner }) => owner,
  input: ({ input }) => input,
  attempts: ({ attempts }) => attempts,
  version: ({ version }) => version,
  depth: ({ depth }) => (depth > 0 ? depth : null),
  concurrency: ({ limitKeys }) => limitKeys.concurrency,
  rate: ({ limitKeys }) => limitKeys.rate,
  account: ({ quota }) => quota?.account ?? null,
  most_jobs: ({ quota }) => quota?.jobs ?? null,
  most_bytes: ({ quota }) => quota?.bytes ?? null,
  fingerprint: ({ idempotencyKey, input }) => (idempotencyKey === undefined ? null : fingerprint(input)),
} as const satisfies Record<string, (job: JobToStore) => ScriptArgument | null>;

const OWN = Object.values(OWN_ARGUMENTS);
const OPTIONS = submitOptions().map(([name, option]) => ({ option, wireName: wireNameOf(name) }));
const NAMES = [...Object.keys(OWN_ARGUMENTS), ...OPTIONS.map(({ option }) => option.argument)].join(" ");

/**
 * Converts jobs to script arguments: first one with all names, then for each job one per name, '' if absent. `lib/store.lua`
 * finds the arguments by these names, so only this file defines their order. It refuses a wrong number of arguments.
 */
export function jobArguments(jobs: readonly JobToStore[]): ScriptArgument[] {
  return [NAMES, ...jobs.flatMap(argumentsOf)];
}

/** Converts a job to the arguments of a search for it: like `jobArguments`, but without the input, which may be large. */
export function searchArguments(job: JobToStore): ScriptArgument[] {
  const values = argumentsOf(job);
  values[Object.keys(OWN_ARGUMENTS).indexOf("input")] = "";
  return [NAMES, ...values];
}

function argumentsOf(job: JobToStore): ScriptArgument[] {
  const values: ScriptArgument[] = [];
  for (const argument of OWN) values.push(argument(job) ?? "");
  for (const { option, wireName } of OPTIONS) values.push(optionArgument(job, option, job[wireName]) ?? "");
  return values;
}

function optionArgument(
  { kind, owner }: JobToStore,
  option: SubmitOption,
  value: WireSubmitOptions[keyof WireSubmitOptions],
): ScriptArgument | null {
  if (value instanceof Date) return value.getTime();
  if (Array.isArray(value)) return value.length > 0 ? JSON.stringify(value) : null;
  if (value !== undefined) return option.is === "key" ? scopeOf(kind, owner, String(value)) : value;
  return option.is === "word" ? option.unset : null;
}

/** Returns the stored form of a caller's key, which includes kind and owner. The key's length makes it unambiguous for any owner. */
function scopeOf(kind: string, owner: string | null, key: string): string {
  return `${kind}:${key.length}:${key}${owner === null ? "" : `:${owner}`}`;
}
