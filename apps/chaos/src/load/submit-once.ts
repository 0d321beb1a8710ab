import type { Priority } from "telltale";
import type { Client, JobHandle } from "telltale/client";
import { z } from "zod";
import type { jobs, WorkInput, work } from "../work.js";

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
  input: WorkInput,
  options: WireOptions,
): Promise<JobHandle<typeof work>> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const { id, token } = Answer.parse(
    await client.$trpc.mutation("submit", { kind: "work", input, options }, { signal }),
  );
  return client.work.job(id, { token });
}
