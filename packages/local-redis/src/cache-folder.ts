import { homedir } from "node:os";
import { join } from "node:path";

/** Where unpacked servers are kept: $TELLTALE_CACHE/redis, or telltale/redis in the user's cache folder. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  const own = env.TELLTALE_CACHE;
  if (own) return join(own, "redis");
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), ".cache"), "telltale", "redis");
}
