import { Redis } from "ioredis";

/** A connection of the benchmark itself, beside those of the contenders. `await using` closes it. */
export interface Control extends AsyncDisposable {
  readonly redis: Redis;
}

export function control(path: string): Control {
  const redis = new Redis(path);
  return { redis, [Symbol.asyncDispose]: async () => redis.disconnect() };
}
