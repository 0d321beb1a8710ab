// What docs/bulk-actions.md shows. It is compiled with the tests, and each region is a block of that page.
import type { Telltale } from "telltale/server";
import type { jobs } from "./contracts.js";

/** Reruns the jobs that failed since noon. */
export async function rerunSinceNoon(telltale: Telltale<typeof jobs>): Promise<void> {
  // #region rerun
  const noon = new Date(new Date().setHours(12, 0, 0, 0));
  for await (const progress of telltale.$bulk.rerun({ status: "failed", endedFrom: noon })) {
    console.log(`${progress.done} rerun, looked at ${progress.seen}`, progress.cursor);
  }
  // #endregion
}
