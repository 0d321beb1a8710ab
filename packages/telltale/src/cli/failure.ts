import { type ErrorCode, TelltaleError } from "../core/index.js";
import { EXIT, exitCodeOfError } from "./exit-code.js";
import { jsonLine } from "./json-line.js";
import { printableLine } from "./printable.js";

/** What is said of an error, on stderr, and what the process ends with. */
export interface Failure {
  readonly text: string;
  readonly exitCode: number;
}

const MAX_LENGTH = 600;

const HINTS: Partial<Record<ErrorCode, string>> = {
  unauthorized: "give a token with --token or TELLTALE_TOKEN",
  forbidden: "see telltale token --help",
};

/** An error as people are told it, in one line, or as programs are, with `json`. */
export function failureOf(error: unknown, { json, url }: Readonly<{ json: boolean; url: string }>): Failure {
  if (!(error instanceof TelltaleError)) {
    const message = error instanceof Error ? error.message : String(error);
    return { text: printableLine(`telltale: a defect of its own: ${message}`), exitCode: EXIT.failed };
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
    return `--key ${data.idempotencyKey}`;
  }
  return HINTS[code];
}
