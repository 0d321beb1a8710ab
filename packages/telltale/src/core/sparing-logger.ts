import type { Logger } from "./logger.js";

const EVERY_MS = 10_000;

/** A logger that repeats the same warning or error at most every ten seconds, for problems that a thousand watchers find at once. */
export function sparingLogger(logger: Logger): Logger {
  const toldAt = new Map<string, number>();
  const sparing =
    (level: "warn" | "error"): Logger["warn"] =>
    (data, message) => {
      const now = performance.now();
      if (now - (toldAt.get(message) ?? Number.NEGATIVE_INFINITY) < EVERY_MS) return;
      toldAt.set(message, now);
      logger[level](data, message);
    };
  return {
    debug: (data, message) => logger.debug(data, message),
    info: (data, message) => logger.info(data, message),
    warn: sparing("warn"),
    error: sparing("error"),
  };
}
