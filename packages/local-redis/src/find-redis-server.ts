import { cacheFolder } from "./cache-folder.js";
import { fetchPackages } from "./fetch-packages.js";
import type { RedisServerBinary } from "./redis-server-binary.js";
import { searchPath } from "./search-path.js";
import { searchCache } from "./unpacked-server.js";

/** The options of `findRedisServer`. */
export interface FindRedisOptions {
  /** Called with a line of text before each step that takes a while. @default none */
  readonly onProgress?: (line: string) => void;
  /** Where a fetched server is kept. @default $TELLTALE_CACHE/redis, or ~/.cache/telltale/redis */
  readonly cacheDir?: string;
  /** The environment for PATH, HOME and proxy settings. @default process.env */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Finds a real Redis (7.0 or newer) or Valkey (7.2 or newer). Looks on the PATH, then in the cache of servers that earlier
 * calls fetched. On Debian and Ubuntu it then fetches the distribution's own packages, which does not need root and
 * installs nothing. Rejects with an error that lists what was tried and what you can do.
 */
export async function findRedisServer(options: FindRedisOptions = {}): Promise<RedisServerBinary> {
  const env = options.env ?? process.env;
  const cacheDir = options.cacheDir ?? cacheFolder(env);
  const onProgress = options.onProgress ?? (() => {});

  const onPath = await searchPath(env);
  if ("found" in onPath) return onPath.found;

  const cached = await searchCache(cacheDir);
  if ("found" in cached) return cached.found;

  const fetched = await fetchPackages({ env, cacheDir, onProgress });
  if ("found" in fetched) return fetched.found;

  throw new Error(
    [
      "No Redis found. Do one of these:",
      `  - install Redis 7.0 or newer, or Valkey 7.2 or newer: ${installCommand()}`,
      "  - run the one in this repository: docker compose up redis",
      "  - use a running server: set REDIS_URL, for example redis://127.0.0.1:6379 (tests never use it)",
      `Tried without success: ${onPath.reason}; ${fetched.reason}.`,
    ].join("\n"),
  );
}

function installCommand(): string {
  if (process.platform === "darwin") return "brew install redis";
  return "with your package manager, for example sudo apt-get install redis-server";
}
