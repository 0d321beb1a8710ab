import { createClient } from "telltale/client";
import type { jobs } from "./contracts.js";

const url = process.env.SERVER_URL ?? "http://127.0.0.1:3000";
const client = createClient<typeof jobs>({ url, router: "jobs" });

const job = await client.report.submit({ month: "2026-10", rows: 20 });
for await (const now of job.watch()) {
  if (now.status === "running") console.log(`${now.progress?.done ?? 0} of ${now.progress?.of ?? "?"}`);
  if (now.status === "completed") console.log("total", now.output.total, "at", now.output.finishedAt.getTime());
  if (now.status === "failed" && now.error.code === "nothing_to_report") console.log(now.error.data.month);
}
await client.close();
