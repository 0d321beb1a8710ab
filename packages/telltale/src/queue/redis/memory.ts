import { readInfo } from "./check-server.js";
import type { Connection } from "./commands.js";

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
