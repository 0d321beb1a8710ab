import { type Logger, silentLogger } from "./logger.js";
import { stderrLogger } from "./stderr-logger.js";

/** The logger that an option stands for: what was given, silence for `false`, and stderr for nothing. */
export function loggerOf(option: Logger | false | undefined): Logger {
  return option === false ? silentLogger : (option ?? stderrLogger);
}
