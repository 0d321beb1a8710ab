import { TRPCClientError } from "@trpc/client";
import type { AppClient } from "./client.js";
import type { AppRouter } from "./router.js";

/** What one caller sees of some jobs: how many of them are in their list, and the result of getting each one. */
export async function whatOneSees({ trpc }: AppClient, ids: readonly string[]): Promise<string[]> {
  const listed = answered(async () => {
    const { jobs } = await trpc.jobs.list.query({});
    return String(jobs.filter(({ id }) => ids.includes(id)).length);
  });
  const got = ids.map((id) => answered(async () => (await trpc.jobs.get.query({ id })).status));
  return Promise.all([listed, ...got]);
}

/** The result of a call: its answer, or the code of its refusal. Rejects if there was no answer. */
async function answered(call: () => Promise<string>): Promise<string> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof TRPCClientError)) throw error;
    const { data }: TRPCClientError<AppRouter> = error;
    if (!data) throw error;
    return data.code;
  }
}
