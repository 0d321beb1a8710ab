import type { JobHandle, JobStatus } from "telltale";
import type { statement } from "./contracts.js";

/** What Redis keeps of a job: each status it took, in order, and who wrote the statement that counts. */
export interface JobHistory {
  readonly id: string;
  readonly statuses: readonly JobStatus[];
  readonly output: { readonly file: string; readonly sha256: string; readonly worker: string } | null;
}

/** Follows a job from its first event to its last one, or, without an output, for as long as it has patience. */
export async function followToEnd(job: JobHandle<typeof statement>, patienceMs: number): Promise<JobHistory> {
  const statuses: JobStatus[] = [];
  for await (const now of job.watch({ signal: AbortSignal.timeout(patienceMs) })) {
    // Each transition has the next number; what comes with the same one is progress.
    if (now.seq > statuses.length) statuses.push(now.status);
    if (now.status === "completed") return { id: job.id, statuses, output: now.output };
  }
  return { id: job.id, statuses, output: null };
}
