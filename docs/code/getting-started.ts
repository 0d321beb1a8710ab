import type { JobClients } from "telltale/client";
import type { jobs } from "../../examples/existing-trpc-app/src/contracts.js";

// #region use
export async function summarize(client: JobClients<typeof jobs>, notes: string[]): Promise<void> {
  const job = await client.summary.submit({ notes });
  for await (const now of job.watch()) {
    if (now.status === "running" && now.progress) console.log(`${now.progress.read} of ${now.progress.of}`);
    if (now.status === "completed") console.log(now.output.words, now.output.madeAt.toISOString());
    if (now.status === "failed") console.log(now.error.code);
  }
}
// #endregion
