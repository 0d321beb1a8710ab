import type { AttemptOutcome, JobStatus, WorkerIdentity } from "../../core/index.js";
import type { Transition } from "../record/feed-line.js";
import type { ErrorLine } from "../record/stored-error.js";
import { parseWorkerText } from "../record/worker-text.js";

/** An attempt as it follows from a job's feed, with its error still encoded. */
export interface AttemptRecord {
  readonly round: number;
  readonly attempt: number;
  readonly outcome: AttemptOutcome;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly queuedAt: number;
  readonly error: string | null;
  readonly worker: WorkerIdentity | null;
}

const KEPT = 10;

/**
 * Returns the last ten attempts of a job, oldest first. The feed keeps 64 transitions, of which an attempt has two or three, so ten
 * attempts are always there. `createdAt` takes the place of the first transition, which the feed does not contain.
 */
export function attemptsOf(
  feed: readonly Transition[],
  errors: readonly ErrorLine[],
  createdAt: number,
): readonly AttemptRecord[] {
  const attempts = feed.flatMap((start, i): AttemptRecord[] => {
    const { status, round, attempt, at, payload } = start;
    if (status !== "running") return [];
    const end = feed[i + 1];
    const failed = errors.find((error) => error.round === round && error.attempt === attempt);
    const outcome = end ? outcomeBefore(end.status) : "running";
    return [
      {
        ...{ round, attempt, outcome, startedAt: at },
        endedAt: end?.at ?? null,
        queuedAt: feed[i - 1]?.at ?? createdAt,
        error: outcome === "failed" ? (failed?.error ?? null) : null,
        worker: payload === null ? null : parseWorkerText(payload),
      },
    ];
  });
  return attempts.slice(-KEPT);
}

/** How an attempt ended, by the status that its job got. */
function outcomeBefore(status: JobStatus): AttemptOutcome {
  switch (status) {
    case "completed":
    case "cancelled":
      return status;
    case "failed":
    case "retrying":
      return "failed";
    default:
      return "released";
  }
}
