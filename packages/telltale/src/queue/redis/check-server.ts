import type { Redis } from "ioredis";
import { TelltaleError } from "../../core/index.js";
import { toTelltaleError } from "./redis-error.js";

/**
 * Throws `unsupported_redis` if the server is older than Redis 7.0 or may evict jobs, and `redis_unavailable` if it does not answer.
 */
export async function checkServer(redis: Redis, allowEviction: boolean): Promise<void> {
  const info = async (section: string): Promise<string> => {
    // INFO writes nothing, so the outcome is never unknown.
    return redis.info(section).catch((error: unknown) => {
      throw toTelltaleError(error, { wasSentOnce: true });
    });
  };
  const why = whyUnsupported(`${await info("server")}\n${await info("memory")}`, allowEviction);
  if (why !== null) throw new TelltaleError("unsupported_redis", why);
}

/** Returns why a server with this INFO is not supported, or null if it is. */
export function whyUnsupported(info: string, allowEviction: boolean): string | null {
  // Valkey reports itself as Redis 7.2 here, and has its own version in another field.
  const version = /^redis_version:(\d+)\.(\d+)/m.exec(info);
  if (!version || Number(version[1]) < 7) {
    const found = version ? `is ${version[1]}.${version[2]}` : "has an unknown version";
    return `Telltale needs Redis 7.0 or Valkey 7.2 or newer, but this server ${found}. Upgrade the server`;
  }
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
  if (policy === undefined || policy === "noeviction" || allowEviction) return null;
  const remedy = "Set it to noeviction, or pass `allowEviction: true` to createTelltale if jobs may be lost";
  return `Redis may evict jobs, because its maxmemory-policy is ${policy}. ${remedy}`;
}
