import { defineJob, handle } from "telltale";
import type { ServerJobHandle } from "telltale/server";
import { z } from "zod";

// #region contract
export const charge = defineJob("charge", {
  input: z.object({ order: z.string(), cents: z.int() }),
  output: z.object({ receipt: z.string() }),
  logs: "owner", // the owner may read the log too, not only operators
});
// #endregion

// #region handler
export const chargeHandler = handle(charge, async ({ input, log, signal }) => {
  log.info("charging", { order: input.order, cents: input.cents });
  const response = await fetch("https://bank.example/charges", { method: "POST", body: JSON.stringify(input), signal });
  if (!response.ok) log.warn("the bank refused", { status: response.status });
  return { receipt: await response.text() };
});
// #endregion

// #region read
export async function showLog(job: ServerJobHandle<typeof charge>): Promise<void> {
  for await (const { at, level, message, data, dropped } of job.logs({ follow: true })) {
    if (dropped) console.log(`… ${dropped} lines are missing`);
    console.log(new Date(at).toISOString(), level, message, data);
  }
}
// #endregion
