import { type Logger, silentLogger } from "./logger.js";
import { stderrLogger } from "./stderr-logger.js";

/** Returns the logger for a `logger` option: the given one, a silent one for `false`, or the stderr logger for undefined. */
export function loggerOf(option: Logger | false | undefined): Logger {
  return option === false ? silentLogger : (option ?? stderrLogger);
}
