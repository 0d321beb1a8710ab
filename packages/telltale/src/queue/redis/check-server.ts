import { TelltaleError } from "../../core/index.js";
import type { Connection } from "./commands.js";
import { missingPermissions, type PermissionsAsked } from "./permissions.js";
import { firstLine, toTelltaleError } from "./redis-error.js";

/** What a server is checked for. */
export interface ServerRequirements extends PermissionsAsked {
  readonly allowEviction: boolean;
}

/**
 * Throws `unsupported_redis` if the server is older than Redis 7.0, may evict jobs, or does not permit what this process needs, and
 * `redis_unavailable` if it does not answer. Returns whether everything could be checked: without permission for INFO, the policy of
 * eviction is unknown.
 */
export async function checkServer(redis: Connection, required: ServerRequirements): Promise<"checked" | "no_info"> {
  const info = await readInfo(redis, ["server", "memory"]);
  if (info !== null) refuseIf(whyUnsupported(info, required.allowEviction));
  refuseIf(whyForbidden(await missingPermissions(redis, required), required));
  return info === null ? "no_info" : "checked";
}

/** Returns sections of INFO, or null if the user may not run it. Rejects with `redis_unavailable`. */
export async function readInfo(redis: Connection, sections: readonly string[]): Promise<string | null> {
  try {
    return (await Promise.all(sections.map((section) => redis.info(section)))).join("\n");
  } catch (error) {
    if (firstLine(error).startsWith("NOPERM")) return null;
    // INFO writes nothing, so the outcome is never unknown.
    throw toTelltaleError(error, { wasSentOnce: true });
  }
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

function whyForbidden(missing: readonly string[], { connection }: ServerRequirements): string | null {
  if (missing.length === 0) return null;
  const user = connection.username ?? "default";
  const rules = missing.join(" ");
  const others = missing.includes("+eval") ? ". Others cannot be checked without EVAL" : "";
  return `The Redis user ${user} lacks permissions that this process needs. Run ACL SETUSER ${user} ${rules}${others}. See docs/redis.md for all of them`;
}

function refuseIf(why: string | null): void {
  if (why !== null) throw new TelltaleError("unsupported_redis", why);
}
