import type { Redis } from "ioredis";
import type { Logger } from "../../core/index.js";
import { firstLine } from "./redis-error.js";

/** Tells of a connection's troubles: once when they begin and once when they are over, not at every try in between. */
export function logTroubles(redis: Redis, logger: Logger, name: string): void {
  let isTold = false;
  redis.on("ready", () => {
    if (isTold) logger.info({ connection: name }, "Redis answers again");
    isTold = false;
  });
  redis.on("error", (error: unknown) => {
    if (!isTold) logger.warn({ connection: name, error: firstLine(error) }, "Redis does not answer; trying on");
    isTold = true;
  });
}
