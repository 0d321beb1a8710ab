import type { Priority } from "../../core/index.js";
import type { ScriptArgument } from "../scripts/script.js";

/** One job as the scripts take it. Scopes and input are opaque to Redis. */
export interface JobToStore {
  readonly id: string;
  readonly kind: string;
  readonly owner: string | null;
  readonly input: string;
  readonly delayMs: number | null;
  readonly runAtMs: number | null;
  readonly attempts: number;
  readonly priority: Priority;
  readonly tags: readonly string[];
  readonly idempotency: { readonly scope: string; readonly fingerprint: string } | null;
  readonly unique: string | null;
  /** Of the contract that `input` fits. */
  readonly version: number;
  /** How long after it is due it may still start. */
  readonly startWithinMs: number | null;
  /** How many jobs it descends from; 0 for one that no handler submitted. */
  readonly depth: number;
  /** What it counts against where its contract limits how many run at once, and how many start. */
  readonly limitKeys: { readonly concurrency: string | null; readonly rate: string | null };
}

/** A job as script arguments, in the order of `spec_at` in lib/store.lua. */
export function specArgs(job: JobToStore): ScriptArgument[] {
  return [
    job.id,
    job.kind,
    job.owner ?? "",
    job.input,
    job.delayMs ?? "",
    job.runAtMs ?? "",
    job.attempts,
    job.priority,
    job.tags.length > 0 ? JSON.stringify(job.tags) : "",
    job.idempotency?.scope ?? "",
    job.idempotency?.fingerprint ?? "",
    job.unique ?? "",
    job.version,
    job.startWithinMs ?? "",
    job.depth > 0 ? job.depth : "",
    job.limitKeys.concurrency ?? "",
    job.limitKeys.rate ?? "",
  ];
}
