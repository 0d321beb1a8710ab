import type { Logger } from "../../core/index.js";

const MOST_TOLD = 20;

/**
 * Says which sites' pages were refused, each once: their browsers report no more than "CORS error". Only so many, because
 * anyone can send any.
 */
export function refusedOrigins(logger: Logger): (origin: string) => void {
  const told = new Set<string>();
  return (origin) => {
    if (told.has(origin) || told.size >= MOST_TOLD) return;
    told.add(origin);
    logger.warn(
      { origin: origin.slice(0, 100) },
      "a page of this origin was refused (its browser reports a CORS error); if it is yours, add it to the `origins` of createGateway",
    );
  };
}
