import type { Client, JobHandle } from "@telltale/client";
import type { WireSubmitOptions } from "@telltale/core";
import { z } from "zod";
import type { jobs, WorkInput, work } from "../work.js";

const Answer = z.object({ id: z.string(), token: z.string() });
const PATIENCE_MS = 3_000;

/** Submits as a plain tRPC client would: sent once, and given up after 3 s. Rejects with whatever came back. */
export async function submitOnce(
  client: Client<typeof jobs>,
  input: WorkInput,
  options: WireSubmitOptions,
): Promise<JobHandle<typeof work>> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const { id, token } = Answer.parse(
    await client.$trpc.mutation("submit", { kind: "work", input, options }, { signal }),
  );
  return client.work.job(id, { token });
}
