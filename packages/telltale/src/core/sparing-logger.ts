import type { Logger } from "./logger.js";

const EVERY_MS = 10_000;

interface Told {
  at: number;
  /** How often the message came since it was logged. */
  repeated: number;
}

/**
 * A logger that logs the same warning or error at most every ten seconds, with the number of repetitions in between, for problems
 * that many watchers or queues have at the same time.
 */
export function sparingLogger(logger: Logger): Logger {
  const messages = new Map<string, Told>();
  const sparing =
    (level: "warn" | "error"): Logger["warn"] =>
    (data, message) => {
      const now = performance.now();
      const told = messages.get(message);
      if (told && now - told.at < EVERY_MS) {
        told.repeated += 1;
        return;
      }
      messages.set(message, { at: now, repeated: 0 });
      logger[level](told && told.repeated > 0 ? { ...data, repeated: told.repeated } : data, message);
    };
  return {
    debug: (data, message) => logger.debug(data, message),
    info: (data, message) => logger.info(data, message),
    warn: sparing("warn"),
    error: sparing("error"),
  };
}
