import type { Priority } from "@telltale/core";
import { z } from "zod";
import { defineScript } from "../script.js";

/** One job as the submit script takes it. Scopes and input are opaque to Redis. */
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
}

/** Stores jobs. */
export const submit = defineScript("submit", {
  args: (jobs: readonly JobToStore[], clock) => [
    clock,
    ...jobs.flatMap((job) => [
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
      1,
    ]),
  ],
  reply: z.array(
    z.union([
      z.tuple([z.enum(["created", "existing"]), z.string(), z.string()]),
      z.tuple([z.enum(["idempotency_conflict", "unique_conflict"]), z.string()]),
    ]),
  ),
});
