import { hasCode, TelltaleError } from "../../core/index.js";

// Refusals before anything is executed: the server is loading, is a replica, is busy with another script, or denies access.
const REFUSED = /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|BUSY|TRYAGAIN|NOAUTH|WRONGPASS|NOPERM|MISCONF|NOREPLICAS)\b/;
// An error of a command inside a script. Scripts are not rolled back, so earlier commands of the script may have been executed.
const IN_A_SCRIPT = /\bscript: [0-9a-f]{40}, on @/;

/**
 * Converts an error of ioredis. Only the first line of the message is kept, because such errors contain the command's arguments,
 * including passwords and payloads.
 *
 * `redis_unavailable` and `redis_full` promise that nothing was written. But ioredis sends a command again after a lost connection,
 * and an error then only says that the last attempt was refused. So with `wasSentOnce: false` the outcome is unknown.
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

/**
 * Returns the first line of an error's message, at most 200 characters, for logs. (Only `unsupported_redis` may be longer,
 * because it lists missing permissions.) Errors of ioredis contain the command's arguments,
 * and so possibly payloads, but not in the message's first line. A value that is not an `Error` is converted to a string.
 */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n", 1)[0]?.slice(0, hasCode(error, "unsupported_redis") ? 2_000 : 200) ?? "";
}
