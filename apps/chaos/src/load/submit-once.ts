import type { Priority } from "telltale";
import type { Client, JobHandle } from "telltale/client";
import { z } from "zod";
import type { jobs, turn, WorkInput, work } from "../work.js";
import type { Submission } from "./submission.js";

/** A job of either kind. */
export type WorkHandle = JobHandle<typeof work> | JobHandle<typeof turn>;

const Answer = z.object({ id: z.string(), token: z.string() });
const PATIENCE_MS = 3_000;

/** The submit options that the load uses, as sent on the wire. */
interface WireOptions {
  readonly idempotencyKey?: string | undefined;
  readonly delayMs?: number | undefined;
  readonly priority?: Priority | undefined;
}

/** Submits like a plain tRPC client: once, with a timeout of 3 s. Rejects with the error that the client received. */
export async function submitOnce(
  client: Client<typeof jobs>,
  submit: Readonly<{ kind: Submission["kind"]; input: WorkInput; options: WireOptions }>,
): Promise<WorkHandle> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const { id, token } = Answer.parse(await client.$trpc.mutation("submit", submit, { signal }));
  return client[submit.kind].job(id, { token });
}

/** The kind of a job, from its id. */
export function kindOf({ id }: WorkHandle): Submission["kind"] {
  return id.startsWith("turn_") ? "turn" : "work";
}
