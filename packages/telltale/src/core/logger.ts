/** Where the packages say what happened: pino's own shape, so a pino logger fits as it is. Never given payloads or secrets. */
export interface Logger {
  /** Detail that helps to find a fault. */
  debug(data: Readonly<Record<string, unknown>>, message: string): void;
  /** What happened as it should: started, connected, stopped. */
  info(data: Readonly<Record<string, unknown>>, message: string): void;
  /** Something went wrong and is being dealt with, or wants your attention. */
  warn(data: Readonly<Record<string, unknown>>, message: string): void;
  /** Something failed: a handler, a lost lease, a server that cannot be used. */
  error(data: Readonly<Record<string, unknown>>, message: string): void;
}

function nothing(): void {
  // Told so by `logger: false`.
}

/** Says nothing: what `logger: false` means. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
