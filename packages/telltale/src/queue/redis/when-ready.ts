import type { Redis } from "ioredis";
import { TelltaleError } from "../../core/index.js";
import { firstLine } from "./redis-error.js";

// A retry does not help with a wrong password.
const REFUSED_FOR_GOOD = /^(WRONGPASS|NOAUTH|NOPERM|ERR AUTH)\b/;

/**
 * Waits until a connection is ready. Rejects with `redis_unavailable` and the last error after `timeoutMs`, or at once if Redis
 * refuses the credentials.
 */
export async function whenReady(redis: Redis, timeoutMs: number): Promise<void> {
  if (redis.status === "ready" && isWritable(redis)) return;
  if (redis.status === "end") throw new TelltaleError("closed", "The connection to Redis was closed");
  let last: unknown;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => settle(() => reject(unavailable(last))), timeoutMs);
    const onReady = (): void => settle(resolve);
    const onError = (error: unknown): void => {
      last = error;
      if (REFUSED_FOR_GOOD.test(firstLine(error))) settle(() => reject(unavailable(last)));
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

// A connection that is being closed, for example because its server was demoted, is "ready" until the socket has closed. What is
// sent in between would fail.
function isWritable(redis: Redis): boolean {
  return redis.stream?.writable !== false;
}

function unavailable(last: unknown): TelltaleError {
  const because = last === undefined ? "" : `: ${firstLine(last)}`;
  return new TelltaleError("redis_unavailable", `Redis does not answer${because}`, {
    cause: last === undefined ? undefined : new Error(firstLine(last)),
  });
}
