import { TelltaleError } from "@telltale/core";

// Refused before anything ran: the server is loading, a replica, busy with another script, or out of reach.
const REFUSED = /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|BUSY|TRYAGAIN|NOAUTH|WRONGPASS|NOPERM|MISCONF|NOREPLICAS)\b/;

/**
 * What an error of ioredis means to a caller. ioredis's own errors carry the command's arguments, passwords and payloads
 * among them: nothing of the error but its first line is kept.
 */
export function toTelltaleError(error: unknown): TelltaleError {
  if (error instanceof TelltaleError) return error;
  const message = firstLine(error);
  const cause = new Error(message);
  if (message.startsWith("OOM ")) return new TelltaleError("redis_full", undefined, { cause });
  if (REFUSED.test(message) || message.startsWith("Stream isn't writeable")) {
    return new TelltaleError("redis_unavailable", undefined, { cause });
  }
  return new TelltaleError("outcome_unknown", undefined, { cause });
}

/** The first line of an error's message, for logs: it names what happened and quotes no arguments. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n", 1)[0]?.slice(0, 200) ?? "";
}
