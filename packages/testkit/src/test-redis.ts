import { type LocalRedis, type StartRedisOptions, startRedis } from "@telltale/local-redis";

/** The options of `testRedis`. */
export type TestRedisOptions = Omit<StartRedisOptions, "binary">;

/**
 * Starts a private Redis for one test file, by default on a unix socket and without persistence. It never uses
 * REDIS_URL, because tests flush, kill and fill their server. Stop it with `await using`, or with `stop()` in
 * `afterAll`. It is also stopped when this process ends.
 */
export function testRedis(options: TestRedisOptions = {}): Promise<LocalRedis> {
  return startRedis({ ...options, appendOnly: options.appendOnly ?? false });
}
