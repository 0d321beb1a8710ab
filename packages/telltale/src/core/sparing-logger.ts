import type { Logger } from "./logger.js";

const EVERY_MS = 10_000;

interface LoggedMessage {
  /** When it was last logged. */
  at: number;
  /** How often it was repeated since then. */
  repeated: number;
}

/**
 * Returns a logger that logs the same warning or error at most once every ten seconds, with the number of repetitions in between.
 * For problems that affect many watchers or queues at the same time.
 */
export function sparingLogger(logger: Logger): Logger {
  const messages = new Map<string, LoggedMessage>();
  const sparing =
    (level: "warn" | "error"): Logger["warn"] =>
    (data, message) => {
      const now = performance.now();
      const last = messages.get(message);
      if (last && now - last.at < EVERY_MS) {
        last.repeated += 1;
        return;
      }
      messages.set(message, { at: now, repeated: 0 });
      logger[level](last && last.repeated > 0 ? { ...data, repeated: last.repeated } : data, message);
    };
  return {
    debug: (data, message) => logger.debug(data, message),
    info: (data, message) => logger.info(data, message),
    warn: sparing("warn"),
    error: sparing("error"),
  };
}
