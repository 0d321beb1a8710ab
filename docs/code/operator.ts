// What docs/workers.md shows for operators. It is compiled with the tests, and the region is a block of that page.
import { createClient, createOperatorClient } from "telltale/client";
import type { jobs } from "./contracts.js";

/** Shows the workers until the signal aborts. */
export async function showWorkers(signal: AbortSignal, show: (text: string) => void): Promise<void> {
  // #region workers
  const client = createClient<typeof jobs>({ url: "https://app.example", router: "jobs" });
  const operator = createOperatorClient(client); // or createOperatorClient(trpc.jobs)

  await operator.workers.drain("web-1"); // { name: "web-1", asked: 1 }
  await operator.queues.pause("mail");
  for await (const { workers } of operator.workers.watch({ signal })) {
    show(workers.map(({ name, runningCount, concurrency }) => `${name}: ${runningCount}/${concurrency}`).join("\n"));
  }
  // #endregion
}
