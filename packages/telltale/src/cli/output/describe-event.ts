import type { AnyJob, JobEvent } from "../../core/index.js";
import { assertNever } from "../../core/internal.js";
import { jsonLine } from "./json-line.js";
import { printableLine } from "./printable.js";
import { progressShare } from "./progress-share.js";

const MAX_LENGTH = 2_000;

/** Describes an event without its status, on one line that is safe to show. Empty if there is only a status. */
export function describeEvent(event: JobEvent<AnyJob>): string {
  const parts = [detailOf(event)];
  if (event.status === "running" && event.attempt > 1) parts.push(`attempt ${event.attempt}`);
  if (event.cancelRequested) parts.push("cancel requested");
  if (event.reset) parts.push("earlier events were lost");
  return parts.filter((part) => part !== "").join(", ");
}

/** Describes a progress report briefly. */
export function describeProgress(progress: unknown): string {
  return progressShare(progress)?.text ?? jsonLine(progress).slice(0, MAX_LENGTH);
}

/**
 * Describes an error of a job or attempt. Only shows the first line, because operators also receive the stack trace.
 */
export function describeError({ code, message }: Readonly<{ code: string; message: string }>): string {
  const [line = ""] = message.split("\n", 1);
  return printableLine(line ? `${code}: ${line}` : code).slice(0, MAX_LENGTH);
}

function detailOf(event: JobEvent<AnyJob>): string {
  switch (event.status) {
    case "scheduled":
    case "queued":
      return "";
    case "running":
      return event.progress === undefined ? "" : describeProgress(event.progress);
    case "retrying":
    case "failed":
      return describeError(event.error);
    case "completed":
      return jsonLine(event.output).slice(0, MAX_LENGTH);
    case "cancelled":
      return event.reason === undefined ? "" : printableLine(event.reason);
    default:
      return assertNever(event);
  }
}
