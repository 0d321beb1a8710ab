import { TelltaleError } from "../../core/index.js";
import type { Connection } from "./commands.js";
import { firstLine } from "./redis-error.js";

/** How long a call waits for a connection before it rejects with `redis_unavailable`, ms. */
export const CONNECTION_WAIT_MS = 2_000;

// Errors that do not go away by waiting, such as a wrong password.
const PERMANENT = /^(WRONGPASS|NOAUTH|NOPERM|ERR AUTH)\b/;

/**
 * Waits until a connection is ready. Rejects with `redis_unavailable` and the last error after `timeoutMs`, or immediately if Redis
 * refuses the credentials. Rejects with `closed` if the connection was closed on purpose.
 */
export async function whenReady(redis: Connection, timeoutMs: number): Promise<void> {
  if (redis.status === "ready" && isWritable(redis)) return;
  if (redis.status === "end") throw new TelltaleError("closed", "The connection to Redis was closed");
  // With the option lazyConnect, the first call connects. A failure emits "error", which is heard below.
  if (redis.status === "wait") redis.connect().catch(() => {});
  let last: unknown;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => settle(() => reject(unavailable(last))), timeoutMs);
    const onReady = (): void => settle(resolve);
    const onError = (error: unknown): void => {
      last = error;
      if (PERMANENT.test(firstLine(error))) settle(() => reject(unavailable(last)));
    };
    const onEnd = (): void => settle(() => reject(unavailable(last)));
    function settle(done: () => void): void {
      clearTimeout(timer);
      redis.off("ready", onReady).off("error", onError).off("end", onEnd);
      done();
    }
    redis.on("ready", onReady).on("error", onError).on("end", onEnd);
  });
}

// A connection that is being closed, for example because its server was demoted, has the status "ready" until its socket has closed.
// Commands sent in between would fail.
function isWritable(redis: Connection): boolean {
  return redis.stream?.writable !== false;
}

function unavailable(last: unknown): TelltaleError {
  const reason = last === undefined ? "" : `: ${firstLine(last)}`;
  const what = PERMANENT.test(firstLine(last)) ? "Redis refuses the connection" : "Redis does not respond";
  return new TelltaleError("redis_unavailable", `${what}${reason}`, {
    cause: last === undefined ? undefined : new Error(firstLine(last)),
  });
}
