import type { Redis } from "ioredis";
import { toTelltaleError } from "./redis-error.js";

/** How full a server is, from its INFO. At 1 it refuses submits; 0 if it has no limit. */
export async function fullness(redis: Redis): Promise<number> {
  const info = await redis.info("memory").catch((error: unknown) => {
    throw toTelltaleError(error, { wasSentOnce: true });
  });
  const used = Number(/^used_memory:(\d+)/m.exec(info)?.[1]);
  const most = Number(/^maxmemory:(\d+)/m.exec(info)?.[1]);
  return used > 0 && most > 0 ? used / most : 0;
}
