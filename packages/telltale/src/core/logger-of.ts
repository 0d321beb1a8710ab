import { type Logger, silentLogger } from "./logger.js";
import { stderrLogger } from "./stderr-logger.js";

/** The logger for an option: the given one, a silent one for `false`, and one that writes to stderr for undefined. */
export function loggerOf(option: Logger | false | undefined): Logger {
  return option === false ? silentLogger : (option ?? stderrLogger);
}
