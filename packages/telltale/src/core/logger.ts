/** Where the packages say what happened: pino's own shape, so a pino logger fits as it is. Never given payloads or secrets. */
export interface Logger {
  debug(data: Readonly<Record<string, unknown>>, message: string): void;
  info(data: Readonly<Record<string, unknown>>, message: string): void;
  warn(data: Readonly<Record<string, unknown>>, message: string): void;
  error(data: Readonly<Record<string, unknown>>, message: string): void;
}

function nothing(): void {
  // A library is silent until it is given a logger.
}

/** Says nothing. The default of every package. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
