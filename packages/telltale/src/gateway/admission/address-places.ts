import type { Logger } from "../../core/index.js";
import { Places } from "./places.js";

const TOLD_EVERY_MS = 60_000;

/** Counts the connections of each address, and logs when one has too many. */
export class AddressPlaces {
  readonly #places: Places;
  readonly #logger: Logger;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(max: number, logger: Logger) {
    this.#places = new Places(max);
    this.#logger = logger;
  }

  /** Takes a place for a connection, until the returned function is called. Returns null if the address has none left. */
  take(address: string, connection: object): (() => void) | null {
    const leave = this.#places.take(address, connection);
    if (leave === null && performance.now() - this.#toldAt > TOLD_EVERY_MS) {
      this.#toldAt = performance.now();
      this.#logger.warn(
        { address },
        "an address has as many connections as it may; if it is that of your proxy, set `trustProxy` of createGateway",
      );
    }
    return leave;
  }
}
