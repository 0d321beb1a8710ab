import { type AnyJob, type JobEvent, type JobResult, type OutputOf, TelltaleError } from "../../core/index.js";

/**
 * Reads a job's events to the end of its round and returns the result. If the signal aborts, rejects with its reason.
 */
export async function resultOf<J extends AnyJob>(
  events: AsyncIterable<JobEvent<J>>,
  signal: AbortSignal | undefined,
): Promise<JobResult<J>> {
  let result: JobResult<J> | null = null;
  // Only the last event counts: the feed of a job that was rerun also contains the ends of earlier rounds.
  for await (const event of events) result = resultIn<J>(event);
  signal?.throwIfAborted();
  if (result) return result;
  throw new TelltaleError("closed", "The subscription ended before the job finished");
}

/** Returns the output of a completed job. Throws `job_failed`, with the job's error in `data`, or `job_cancelled`. */
export function outputOf<J extends AnyJob>(result: JobResult<J>): OutputOf<J> {
  if (result.ok) return result.output;
  if (result.status === "cancelled") throw new TelltaleError("job_cancelled");
  throw new TelltaleError("job_failed", `The job failed with ${result.error.code}`, { data: result.error });
}

function resultIn<J extends AnyJob>(event: JobEvent<AnyJob>): JobResult<J> | null {
  if (event.status === "completed") return { ok: true, output: event.output };
  if (event.status === "failed") return { ok: false, status: "failed", error: event.error };
  if (event.status === "cancelled") return { ok: false, status: "cancelled" };
  return null;
}
