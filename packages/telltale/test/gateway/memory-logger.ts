import type { Logger } from "telltale";

/** A line that a gateway logged. */
export interface LogLine {
  readonly level: keyof Logger;
  readonly data: object;
  readonly message: string;
}

/** A logger that keeps its lines. */
export function memoryLogger(): { readonly logger: Logger; readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = [];
  const at =
    (level: keyof Logger) =>
    (data: object, message: string): void => {
      lines.push({ level, data, message });
    };
  return { logger: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") }, lines };
}
