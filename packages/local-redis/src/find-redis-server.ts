import { cacheFolder } from "./cache-folder.js";
import { fetchPackages } from "./fetch-packages.js";
import type { RedisServerBinary } from "./redis-server-binary.js";
import { searchPath } from "./search-path.js";
import { searchCache } from "./unpacked-server.js";

/** Where to look, and whom to tell. */
export interface FindRedisOptions {
  /** Hears a line for people before each step that takes more than a moment. */
  readonly onProgress?: (line: string) => void;
  /** Where a fetched server is kept. @default $TELLTALE_CACHE/redis, else ~/.cache/telltale/redis */
  readonly cacheDir?: string;
  /** Whose PATH, HOME and proxy settings count. @default process.env */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Finds a real Redis (7.0 or newer) or Valkey (7.2 or newer): on the PATH, then unpacked by an earlier call, then, on
 * Debian and Ubuntu, by fetching the distribution's own packages, which needs no root and installs nothing. Rejects with
 * one error that says what was tried and names the ways out.
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
      "No Redis to run: one of these will do.",
      `  - install Redis 7.0 or newer, or Valkey 7.2 or newer: ${installCommand()}`,
      "  - run the one in this repository: docker compose up redis",
      "  - use a server you have: set REDIS_URL, for example redis://127.0.0.1:6379 (tests never use it)",
      `What was tried: ${onPath.reason}; ${fetched.reason}.`,
    ].join("\n"),
  );
}

function installCommand(): string {
  if (process.platform === "darwin") return "brew install redis";
  return "with your package manager, for example sudo apt-get install redis-server";
}
