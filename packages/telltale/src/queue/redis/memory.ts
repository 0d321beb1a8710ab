import type { Redis } from "ioredis";
import { toTelltaleError } from "./redis-error.js";

/**
 * Returns the used part of a server's `maxmemory`, from its INFO. At 1, the server refuses submits. 0 if it has no limit. Rejects with
 * `redis_unavailable`.
 */
export async function fullness(redis: Redis): Promise<number> {
  const info = await redis.info("memory").catch((error: unknown) => {
    throw toTelltaleError(error, { wasSentOnce: true });
  });
  const used = Number(/^used_memory:(\d+)/m.exec(info)?.[1]);
  const limit = Number(/^maxmemory:(\d+)/m.exec(info)?.[1]);
  return used > 0 && limit > 0 ? used / limit : 0;
}
