import { setTimeout } from "node:timers/promises";
import { type ErrorCode, TelltaleError } from "../../core/index.js";
import type { Observe } from "../../core/internal.js";
import type { Connection } from "../redis/commands.js";
import { isDemoted } from "../redis/demoted.js";
import { gatherWrites } from "../redis/gather-writes.js";
import type { QueueKeys } from "../redis/keys.js";
import { toTelltaleError } from "../redis/redis-error.js";
import { CONNECTION_WAIT_MS, whenReady } from "../redis/when-ready.js";
import type { Script } from "./script.js";

/** The connection, key and clock with which scripts run. */
export interface AnyTarget {
  readonly redis: Connection;
  /** The key that a call declares, and the queue that it is about, or null. */
  readonly keys: { readonly meta: string; readonly queue: string | null };
  /** Returns the time in tests, and undefined for Redis's own time. */
  readonly clock: () => number | undefined;
  /** Returns how often the connection was lost; see `lossesOf`. */
  readonly losses: () => number;
  /** Receives an event for each call. */
  readonly observe?: Observe | undefined;
}

/** With what the scripts of a queue run. */
export interface ScriptTarget extends AnyTarget {
  readonly keys: QueueKeys;
}

/** The average pause between tries while the address leads to a replica. */
const DEMOTED_PAUSE_MS = 100;

/**
 * Runs a script by its digest, or with its text if the server does not know the digest (after a restart or SCRIPT FLUSH). While
 * the server is a replica, tries again over new connections for up to two seconds. Rejects with a `TelltaleError`.
 */
export async function runScript<A, R>(target: AnyTarget, script: Script<A, R>, input: A): Promise<R> {
  const until = performance.now() + CONNECTION_WAIT_MS;
  for (;;) {
    try {
      return await runOnce(target, script, input);
    } catch (error) {
      // A replica refuses a script before it runs, so nothing was written.
      const isRefused = error instanceof TelltaleError && error.code === "redis_unavailable" && isDemoted(error.cause);
      if (!isRefused || performance.now() >= until) throw error;
      await setTimeout(DEMOTED_PAUSE_MS * (0.5 + Math.random()));
    }
  }
}

async function runOnce<A, R>(target: AnyTarget, script: Script<A, R>, input: A): Promise<R> {
  const { redis, keys, observe } = target;
  const args = script.args(input, String(target.clock() ?? ""));
  await whenReady(redis, CONNECTION_WAIT_MS);
  const lossesBefore = target.losses();
  const sentAt = observe ? performance.now() : 0;
  gatherWrites(redis.stream);
  try {
    const reply = await redis.evalsha(script.sha, 1, keys.meta, ...args).catch(retryWithText);
    const parsed = script.parse(reply);
    called(null);
    return parsed;
  } catch (cause) {
    const error = toTelltaleError(cause, { wasSentOnce: target.losses() === lossesBefore });
    called(error.code);
    throw error;
  }

  function called(code: ErrorCode | null): void {
    const { queue } = keys;
    observe?.({ type: "script.called", script: script.name, queue, durationMs: performance.now() - sentAt, code });
  }

  async function retryWithText(error: unknown): Promise<unknown> {
    if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
    return redis.eval(script.source, 1, keys.meta, ...args);
  }
}
