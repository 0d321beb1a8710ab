import type { Telltale } from "telltale/server";
import { type jobs, report } from "./contracts.js";

/** Call this in every process at start-up. Setting the same schedule again changes nothing. */
export async function setSchedules(telltale: Telltale<typeof jobs>): Promise<void> {
  await telltale.$schedules.set("report.nightly", {
    job: report,
    input: { month: "2026-10", rows: 20 },
    cron: "0 3 * * *",
    timeZone: "Europe/Berlin",
  });
  await telltale.$schedules.set("report.sample", {
    job: report,
    input: { month: "2026-10", rows: 1 },
    every: "10m",
    catchUp: "none",
    priority: "low",
    tags: ["sample"],
  });
  for (const { name, next } of await telltale.$schedules.list()) console.log(name, "fires next at", next.toISOString());
  await telltale.$schedules.remove("report.weekly"); // true if it was there
}
