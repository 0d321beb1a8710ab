/**
 * The logger interface. pino loggers satisfy it. Telltale never logs payloads or secrets, except what a
 * handler writes to its job's log.
 */
export interface Logger {
  /** Details for debugging. */
  debug(data: Readonly<Record<string, unknown>>, message: string): void;
  /** Normal events: started, connected, stopped. */
  info(data: Readonly<Record<string, unknown>>, message: string): void;
  /** A problem that is being handled, or that needs your attention. */
  warn(data: Readonly<Record<string, unknown>>, message: string): void;
  /** A failure: a handler that failed, a lost lease, a server that cannot be used. */
  error(data: Readonly<Record<string, unknown>>, message: string): void;
}

function nothing(): void {
  // Discards the message.
}

/** A logger without output, for `logger: false`. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
