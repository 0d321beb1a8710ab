import type { Redis } from "ioredis";
import type { QueueKeys } from "../redis/keys.js";
import { toTelltaleError } from "../redis/redis-error.js";
import { whenReady } from "../redis/when-ready.js";
import type { Script } from "./script.js";

/** Where scripts run, and by whose clock. */
export interface ScriptTarget {
  readonly redis: Redis;
  readonly keys: QueueKeys;
  /** Redis's own time where it answers undefined; tests move their own. */
  readonly clock: () => number | undefined;
  /** `lossesOf` the connection. */
  readonly losses: () => number;
}

/** How long a command waits for a connection before it is answered `redis_unavailable`. */
export const CONNECTION_WAIT_MS = 2_000;

/** Runs a script once, by its digest, with the whole text where the server does not know it (a restart, SCRIPT FLUSH). */
export async function runScript<A, R>(target: ScriptTarget, script: Script<A, R>, input: A): Promise<R> {
  const { redis, keys } = target;
  const args = script.args(input, String(target.clock() ?? ""));
  await whenReady(redis, CONNECTION_WAIT_MS);
  const lossesBefore = target.losses();
  try {
    return script.parse(await redis.evalsha(script.sha, keys.all.length, ...keys.all, ...args).catch(retryWithText));
  } catch (error) {
    throw toTelltaleError(error, { wasSentOnce: target.losses() === lossesBefore });
  }

  async function retryWithText(error: unknown): Promise<unknown> {
    if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
    return redis.eval(script.source, keys.all.length, ...keys.all, ...args);
  }
}
