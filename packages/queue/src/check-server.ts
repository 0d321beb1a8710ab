import { TelltaleError } from "@telltale/core";
import type { Redis } from "ioredis";
import { toTelltaleError } from "./redis-error.js";

/** Throws `unsupported_redis` for a server older than 7.0, or one that may evict jobs. */
export async function checkServer(redis: Redis, allowEviction: boolean): Promise<void> {
  const info = await redis.info("server").catch(rethrow);
  const version = /^redis_version:(\d+)\.(\d+)/m.exec(info);
  if (!version || Number(version[1]) < 7) {
    const found = version ? `${version[1]}.${version[2]}` : "of an unknown version";
    throw new TelltaleError("unsupported_redis", `Redis 7.0 or Valkey 7.2 is needed; this server is ${found}`);
  }
  const policy = /^maxmemory_policy:(\S+)/m.exec(await redis.info("memory").catch(rethrow))?.[1];
  if (policy !== undefined && policy !== "noeviction" && !allowEviction) {
    throw new TelltaleError(
      "unsupported_redis",
      `Redis would evict jobs: its maxmemory-policy is ${policy}; set it to noeviction`,
    );
  }
}

function rethrow(error: unknown): never {
  throw toTelltaleError(error);
}
