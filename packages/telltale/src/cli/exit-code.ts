import type { ErrorCode, JobStatus } from "../core/index.js";

/** What the process ends with, for scripts. */
export const EXIT = {
  done: 0,
  /** The job failed or was cancelled, or the server refused. */
  failed: 1,
  usage: 2,
  noConnection: 3,
  /** As a shell says of a command that SIGINT ended. */
  interrupted: 130,
} as const;

/** What a job's last status comes to. */
export function exitCodeOfStatus(status: JobStatus): number {
  return status === "completed" ? EXIT.done : EXIT.failed;
}

/** What an error comes to. */
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
