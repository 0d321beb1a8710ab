import { TelltaleError } from "../../core/index.js";

// Refused before anything ran: the server is loading, a replica, busy with another script, or out of reach.
const REFUSED = /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|BUSY|TRYAGAIN|NOAUTH|WRONGPASS|NOPERM|MISCONF|NOREPLICAS)\b/;
// Said by a command inside a script, which is not rolled back: what stood before it was done.
const IN_A_SCRIPT = /\bscript: [0-9a-f]{40}, on @/;

/**
 * What an error of ioredis means to a caller. ioredis's own errors carry the command's arguments, passwords and payloads
 * among them: nothing of the error but its first line is kept.
 *
 * `redis_unavailable` and `redis_full` promise that nothing was written. ioredis sends a command again when its
 * connection was lost, and then a refusal is of the second sending only: `wasSentOnce` is false and the outcome unknown.
 */
export function toTelltaleError(error: unknown, { wasSentOnce }: Readonly<{ wasSentOnce: boolean }>): TelltaleError {
  if (error instanceof TelltaleError) return error;
  const message = firstLine(error);
  const cause = new Error(message);
  if (wasSentOnce && !IN_A_SCRIPT.test(message)) {
    if (message.startsWith("OOM ")) return new TelltaleError("redis_full", undefined, { cause });
    if (REFUSED.test(message) || message.startsWith("Stream isn't writeable")) {
      return new TelltaleError("redis_unavailable", undefined, { cause });
    }
  }
  return new TelltaleError("outcome_unknown", undefined, { cause });
}

/** The first line of an error's message, for logs: it names what happened and quotes no arguments. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n", 1)[0]?.slice(0, 200) ?? "";
}
