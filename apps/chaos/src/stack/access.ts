import { readFileSync } from "node:fs";

/** The password of every user of the stack's Redis servers, the default user included. */
export const PASSWORD = "PASSWORD";
/** The password of its sentinels. */
export const SENTINEL_PASSWORD = "watch";

const PAGE = new URL("../../../../docs/redis.md", import.meta.url);

/** Redis directives for the users that docs/redis.md gives servers and workers, so that the stack runs under no other rights. */
export function minimalUsers(): Record<string, string> {
  const lines = readFileSync(PAGE, "utf8").matchAll(/^user (server|worker) (on >PASSWORD .*)$/gm);
  const users = Object.fromEntries([...lines].map(([, name = "", rules = ""]) => [`user ${name}`, rules]));
  // For submits that wait for replicas.
  return { ...users, "user server": `${users["user server"]} +incr +wait` };
}
