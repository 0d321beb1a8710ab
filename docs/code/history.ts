import type { Jobs } from "telltale";
import type { Telltale } from "telltale/server";

export async function failuresOf(telltale: Telltale<Jobs>) {
  // #region read
  const { buckets, period, totals } = await telltale.$queues.history({ queue: "mail", kind: "digest", since: "6h" });
  const firstFailure = buckets.find(({ failed }) => failed > 0);
  console.log(`waited ${period.waitedMs.p90} ms, failed ${totals.failed}, since ${new Date(firstFailure?.at ?? 0)}`);
  // #endregion
}
