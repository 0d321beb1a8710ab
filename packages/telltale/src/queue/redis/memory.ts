import { readInfo } from "./check-server.js";
import type { Connection } from "./commands.js";
import { CONNECTION_WAIT_MS, whenReady } from "./when-ready.js";

/**
 * Returns the used part of a server's `maxmemory`, from its INFO. At 1, the server refuses submits. 0 if it has no limit, or if the user
 * may not run INFO. Rejects with `redis_unavailable`.
 */
export async function fullness(redis: Connection): Promise<number> {
  const info = (await readInfo(redis, ["memory"])) ?? "";
  const used = Number(/^used_memory:(\d+)/m.exec(info)?.[1]);
  const limit = Number(/^maxmemory:(\d+)/m.exec(info)?.[1]);
  return used > 0 && limit > 0 ? used / limit : 0;
}

/**
 * Share of Redis's memory above which workers delete finished jobs early. Lower than where submits are rejected, for callers too,
 * because nothing else would free memory then. Finished jobs take more memory than waiting ones.
 */
export const EARLY_PRUNE_FULLNESS = 0.85;

/** How old a reading may be, ms. */
const FRESH_MS = 1_000;

/** Reads how full the server is, at most once a second. */
export class MemoryGauge {
  readonly #redis: Connection;
  #reading: Promise<number> | null = null;
  #readAt = 0;

  constructor(redis: Connection) {
    this.#redis = redis;
  }

  /**
   * Returns the used part of the server's `maxmemory`; see `fullness`. 0 if the Redis user may not use INFO. Rejects with
   * `redis_unavailable`.
   */
  read(): Promise<number> {
    const now = performance.now();
    if (this.#reading === null || now - this.#readAt > FRESH_MS) {
      this.#readAt = now;
      this.#reading = this.#fresh().catch((error: unknown) => {
        this.#reading = null;
        throw error;
      });
    }
    return this.#reading;
  }

  async #fresh(): Promise<number> {
    await whenReady(this.#redis, CONNECTION_WAIT_MS);
    return fullness(this.#redis);
  }
}
