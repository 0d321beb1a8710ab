import { types } from "node:util";
import { type AnyJob, type JobLog, LOG_LIMITS, type Logger, type LogLevel } from "../../core/index.js";
import { redact } from "../../core/internal.js";
import { LogStream, type LogStreamOptions } from "./log-stream.js";
import { plain, shortened } from "./plain.js";

export interface AttemptLogOptions extends LogStreamOptions {
  readonly logger: Logger;
  /** Where data may hold sensitive values: the paths of the contract. */
  readonly sensitive: AnyJob["sensitive"];
  /** Replaces the sensitive values of the input in a text. */
  readonly redacted: (text: string) => string;
}

/** What a handler gets as `log`. Writes to the job's log and to the process's logger. */
export class AttemptLog implements JobLog {
  readonly #logger: Logger;
  readonly #stream: LogStream;
  readonly #sensitive: AnyJob["sensitive"];
  readonly #redacted: (text: string) => string;

  constructor(options: AttemptLogOptions) {
    this.#logger = options.logger;
    this.#sensitive = options.sensitive;
    this.#redacted = options.redacted;
    this.#stream = new LogStream(options);
  }

  // Properties and not methods, so that a handler can take them off the object.
  readonly debug: JobLog["debug"] = (message, data) => this.#write("debug", message, data);
  readonly info: JobLog["info"] = (message, data) => this.#write("info", message, data);
  readonly warn: JobLog["warn"] = (message, data) => this.#write("warn", message, data);
  readonly error: JobLog["error"] = (message, data) => this.#write("error", message, data);

  /** Stores no further lines, and resolves once the earlier ones were stored or dropped. Never rejects. */
  flush(): Promise<void> {
    return this.#stream.flush();
  }

  /** Stores no further lines. */
  discard(): void {
    this.#stream.discard();
  }

  #write(level: LogLevel, message: unknown, data: unknown): void {
    const text = messageText(message, this.#redacted);
    // `log.error(error)` is a common mistake in JavaScript. The stack should not be lost.
    const about = data === undefined && types.isNativeError(message) ? message : data;
    const copy =
      about === undefined ? undefined : redact(plain(about, LOG_LIMITS.dataBytes, this.#redacted), this.#sensitive);
    this.#stream.write(level, JSON.stringify(text), about === undefined ? "" : JSON.stringify(copy));
    try {
      this.#logger[level](about === undefined ? {} : { data: copy }, text);
    } catch {
      // A logger of the application that fails must not fail the job.
    }
  }
}

// The types only permit strings, but JavaScript may pass anything.
function messageText(message: unknown, hidden: (text: string) => string): string {
  if (typeof message === "string") return shortened(hidden(message), LOG_LIMITS.messageBytes);
  if (message === undefined) return "undefined";
  const copy = plain(message, LOG_LIMITS.messageBytes, hidden);
  if (isErrorCopy(copy)) return shortened(`${copy.name}: ${copy.message}`, LOG_LIMITS.messageBytes);
  return typeof copy === "string" ? copy : JSON.stringify(copy);
}

function isErrorCopy(copy: unknown): copy is { readonly name: string; readonly message: string } {
  if (typeof copy !== "object" || copy === null || !("stack" in copy)) return false;
  return "name" in copy && "message" in copy && typeof copy.message === "string";
}
