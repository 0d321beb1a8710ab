import type { Logger } from "../../core/index.js";

const MOST_TOLD = 20;

/**
 * Logs each refused origin once, because browsers only report "CORS error". The number of log lines is limited, because
 * a client can send any origin.
 */
export function refusedOrigins(logger: Logger): (origin: string) => void {
  const told = new Set<string>();
  return (origin) => {
    if (told.has(origin) || told.size >= MOST_TOLD) return;
    told.add(origin);
    logger.warn(
      { origin: origin.slice(0, 100) },
      "a page of this origin was rejected (its browser reports a CORS error); if it is yours, add it to the `origins` of createGateway",
    );
  };
}
