import { TelltaleError } from "../../core/index.js";
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

type Value = ScriptArgument | null;

// What a job has besides its submit options, whose table is SUBMIT_OPTIONS in core.
const OWN_OPTIONS = {
  owner: ({ owner }) => owner,
  depth: ({ depth }) => (depth > 0 ? depth : null),
  concurrency: ({ limitKeys }) => limitKeys.concurrency,
  rate: ({ limitKeys }) => limitKeys.rate,
  account: ({ quota }) => quota?.account ?? null,
  most_jobs: ({ quota }) => quota?.jobs ?? null,
  most_bytes: ({ quota }) => quota?.bytes ?? null,
  fingerprint: ({ idempotencyKey, input }) => (idempotencyKey === undefined ? null : fingerprint(input)),
} as const satisfies Record<string, (job: JobToStore) => Value>;

/** Options that only the creation of the job needs. All others are stored with it. */
const AT_CREATION = new Set(["delay", "run_at", "start_within", "most_jobs", "most_bytes", "fingerprint"]);
/** The option that has a place in the first line of `job`. */
const IN_FIRST_LINE = "priority";

interface Option {
  readonly name: string;
  readonly value: (job: JobToStore) => Value;
}

const OPTIONS: readonly Option[] = [
  ...Object.entries(OWN_OPTIONS).map(([name, value]) => ({ name, value })),
  ...submitOptions()
    .filter(([name]) => name !== IN_FIRST_LINE)
    .map(([name, option]) => {
      const wireName = wireNameOf(name);
      return { name: option.argument, value: (job: JobToStore) => optionValue(job, option, job[wireName]) };
    }),
];

/**
 * Converts jobs to script arguments, four for each: its id, its input, the line `job` of its record without the time of its creation, and
 * the options that only its creation needs. `lib/store.lua` reads them.
 */
export function jobArguments(jobs: readonly JobToStore[]): ScriptArgument[] {
  const values: ScriptArgument[] = [];
  for (const job of jobs) pushArguments(values, job, job.input);
  return values;
}

/** Converts a job to the arguments of a search for it: like `jobArguments`, but without the input, which may be large. */
export function searchArguments(job: JobToStore): ScriptArgument[] {
  const values: ScriptArgument[] = [];
  pushArguments(values, job, "");
  return values;
}

function pushArguments(values: ScriptArgument[], job: JobToStore, input: string): void {
  const { id, kind, attempts, priority = "normal", version } = job;
  let line = `${kind} ${attempts} ${priority} ${version}`;
  let atCreation = "";
  for (const { name, value } of OPTIONS) {
    const one = value(job);
    if (one === null) continue;
    if (typeof one === "string" && one.includes("\n"))
      throw new TelltaleError("invalid_input", `The ${name} of a job must not contain line breaks`);
    if (AT_CREATION.has(name)) atCreation += `${name}=${one}\n`;
    else line += `\n${name}=${one}`;
  }
  values.push(id, input, line, atCreation);
}

function optionValue(
  { kind, owner }: JobToStore,
  option: SubmitOption,
  value: WireSubmitOptions[keyof WireSubmitOptions],
): Value {
  if (value instanceof Date) return value.getTime();
  if (Array.isArray(value)) return value.length > 0 ? JSON.stringify(value) : null;
  if (value !== undefined) return option.is === "key" ? scopeOf(kind, owner, String(value)) : value;
  return option.is === "word" ? option.unset : null;
}

/** Returns the stored form of a caller's key, which includes kind and owner. The key's length makes it unambiguous for any owner. */
function scopeOf(kind: string, owner: string | null, key: string): string {
  return `${kind}:${key.length}:${key}${owner === null ? "" : `:${owner}`}`;
}
