import { type ErrorCode, TelltaleError } from "../core/index.js";
import { EXIT, exitCodeOfError } from "./exit-code.js";
import { jsonLine } from "./output/json-line.js";
import { printableLine } from "./output/printable.js";

/** The text that an error prints on stderr, and its exit code. */
export interface Failure {
  readonly text: string;
  readonly exitCode: number;
}

const MAX_LENGTH = 600;

const HINTS: Partial<Record<ErrorCode, string>> = {
  unauthorized: "set TELLTALE_TOKEN or pass --token",
  forbidden:
    "operators are users for whom `subject` of createJobsRouter returns `operator: true`; with AUTH_SECRET: telltale token --operator",
};

/** Formats an error as one line of text, or as JSON if `json` is set. */
export function failureOf(error: unknown, { json, url }: Readonly<{ json: boolean; url: string }>): Failure {
  if (!(error instanceof TelltaleError)) {
    const message = error instanceof Error ? error.message : String(error);
    return { text: printableLine(`telltale: unexpected error: ${message}`), exitCode: EXIT.failed };
  }
  const { code, message, data } = error;
  const exitCode = exitCodeOfError(code);
  if (json) return { text: jsonLine({ error: { code, message, ...(data === undefined ? {} : { data }) } }), exitCode };
  const hint = hintOf(error, url);
  const text = `telltale: ${code}: ${message}${hint === undefined ? "" : ` (${hint})`}`;
  return { text: printableLine(text).slice(0, MAX_LENGTH), exitCode };
}

function hintOf({ code, data }: TelltaleError, url: string): string | undefined {
  if (code === "unreachable") return url;
  if (code === "outcome_unknown" && typeof data === "object" && data !== null && "idempotencyKey" in data) {
    return `to be safe, repeat the command with --key ${data.idempotencyKey}`;
  }
  return HINTS[code];
}
