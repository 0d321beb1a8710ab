import { type SubmitOption, submitOptions, wireNameOf } from "../../core/internal.js";
import type { WireSubmitOptions } from "../../core/schemas.js";
import type { ScriptArgument } from "../scripts/script.js";
import { fingerprint } from "./fingerprint.js";

/** One job as it is to be stored, with what its submitter said of it. */
export interface JobToStore extends Readonly<WireSubmitOptions> {
  readonly id: string;
  readonly kind: string;
  readonly owner: string | null;
  /** Encoded. */
  readonly input: string;
  readonly attempts: number;
  /** Of the contract that `input` fits. */
  readonly version: number;
  /** How many jobs it descends from; 0 for one that no handler submitted. */
  readonly depth: number;
  /** What it counts against where its contract limits how many run at once, and how many start. */
  readonly limitKeys: { readonly concurrency: string | null; readonly rate: string | null };
}

// Besides the options of its submitter, of which core has a table.
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
  fingerprint: ({ idempotencyKey, input }) => (idempotencyKey === undefined ? null : fingerprint(input)),
} as const satisfies Record<string, (job: JobToStore) => ScriptArgument | null>;

const NAMES = [...Object.keys(OWN_ARGUMENTS), ...submitOptions().map(([, { argument }]) => argument)].join(" ");

/**
 * Jobs as script arguments: first a line of names, then as many arguments for each job, '' for what is absent. `lib/store.lua`
 * binds them by these names, so the order is written down here alone, and refuses another number.
 */
export function jobArguments(jobs: readonly JobToStore[]): ScriptArgument[] {
  return [NAMES, ...jobs.flatMap(argumentsOf)];
}

function argumentsOf(job: JobToStore): ScriptArgument[] {
  const own = Object.values(OWN_ARGUMENTS).map((argument) => argument(job));
  const options = submitOptions().map(([name, option]) => optionArgument(job, option, job[wireNameOf(name)]));
  return [...own, ...options].map((argument) => argument ?? "");
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

/** Where a caller's key counts. No two of kind, owner and key make the same scope, whatever characters an owner has. */
function scopeOf(kind: string, owner: string | null, key: string): string {
  return `${kind}:${key.length}:${key}${owner === null ? "" : `:${owner}`}`;
}
