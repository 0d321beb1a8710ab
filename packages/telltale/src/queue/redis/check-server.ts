import type { Redis } from "ioredis";
import { TelltaleError } from "../../core/index.js";
import { toTelltaleError } from "./redis-error.js";

/** Throws `unsupported_redis` for a server older than 7.0, or one that may evict jobs. */
export async function checkServer(redis: Redis, allowEviction: boolean): Promise<void> {
  const info = async (section: string): Promise<string> => {
    // This only reads, so nothing was written.
    return redis.info(section).catch((error: unknown) => {
      throw toTelltaleError(error, { wasSentOnce: true });
    });
  };
  const why = whyUnsupported(`${await info("server")}\n${await info("memory")}`, allowEviction);
  if (why !== null) throw new TelltaleError("unsupported_redis", why);
}

/** Why a server is not supported, from its INFO, or null if it is. */
export function whyUnsupported(info: string, allowEviction: boolean): string | null {
  // Valkey reports itself as Redis 7.2 here, and has its own version in another field.
  const version = /^redis_version:(\d+)\.(\d+)/m.exec(info);
  if (!version || Number(version[1]) < 7) {
    const found = version ? `${version[1]}.${version[2]}` : "of an unknown version";
    return `Redis 7.0 or Valkey 7.2 is needed; this server is ${found}`;
  }
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
  if (policy === undefined || policy === "noeviction" || allowEviction) return null;
  const remedy = "set it to noeviction, or pass `allowEviction: true` to createTelltale if jobs may be lost";
  return `Redis would evict jobs: its maxmemory-policy is ${policy}; ${remedy}`;
}
