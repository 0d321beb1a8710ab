import { TelltaleError } from "../../core/index.js";

// Refused before anything was executed: the server is loading, a replica, busy with another script, or cannot be reached.
const REFUSED = /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|BUSY|TRYAGAIN|NOAUTH|WRONGPASS|NOPERM|MISCONF|NOREPLICAS)\b/;
// Reported by a command inside a script. Scripts are not rolled back, so earlier commands of the script were executed.
const IN_A_SCRIPT = /\bscript: [0-9a-f]{40}, on @/;

/**
 * Converts an error of ioredis. Such errors contain the command's arguments, including passwords and payloads, so only the first
 * line of the message is kept.
 *
 * `redis_unavailable` and `redis_full` promise that nothing was written. ioredis sends commands again after a lost connection. A
 * refusal then only concerns the second time, so with `wasSentOnce: false` the outcome is unknown.
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

/** The first line of an error's message, for logs. It says what happened, without arguments. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n", 1)[0]?.slice(0, 200) ?? "";
}
