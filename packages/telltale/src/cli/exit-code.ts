import type { ErrorCode, JobStatus } from "../core/index.js";

/** The exit codes of the process. */
export const EXIT = {
  done: 0,
  /** The job failed or was cancelled, or the server refused. */
  failed: 1,
  usage: 2,
  noConnection: 3,
  /** The exit code that shells use for a command ended by SIGINT. */
  interrupted: 130,
} as const;

/** The exit code for the last status of a job. */
export function exitCodeOfStatus(status: JobStatus): number {
  return status === "completed" ? EXIT.done : EXIT.failed;
}

/** The exit code for an error. */
export function exitCodeOfError(code: ErrorCode): number {
  switch (code) {
    case "invalid_input":
    case "invalid_config":
    case "unknown_kind":
    case "too_large":
      return EXIT.usage;
    case "unreachable":
    case "outcome_unknown":
    case "closed":
      return EXIT.noConnection;
    default:
      return EXIT.failed;
  }
}
