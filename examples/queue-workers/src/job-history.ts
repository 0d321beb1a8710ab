import type { JobHandle, JobStatus } from "telltale";
import type { statement } from "./contracts.js";

/** What Redis has stored of a job: each status, in order, and the output. */
export interface JobHistory {
  readonly id: string;
  readonly statuses: readonly JobStatus[];
  readonly output: { readonly file: string; readonly sha256: string; readonly worker: string } | null;
}

/** Watches a job from its first event to its end, for at most `patienceMs`. */
export async function followToEnd(job: JobHandle<typeof statement>, patienceMs: number): Promise<JobHistory> {
  const statuses: JobStatus[] = [];
  for await (const now of job.watch({ signal: AbortSignal.timeout(patienceMs) })) {
    // Each transition has the next seq. An event with the same seq is progress.
    if (now.seq > statuses.length) statuses.push(now.status);
    if (now.status === "completed") return { id: job.id, statuses, output: now.output };
  }
  return { id: job.id, statuses, output: null };
}
