import { type LocalRedis, type StartRedisOptions, startRedis } from "@telltale/local-redis";

/** Options of a test's Redis. */
export type TestRedisOptions = Omit<StartRedisOptions, "binary">;

/**
 * Starts a private Redis for one test file, by default on a unix socket and without persistence. It never uses
 * REDIS_URL, because tests flush, kill and fill their server. End it with `await using`, or with `stop()` in
 * `afterAll`. It also ends with this process.
 */
export function testRedis(options: TestRedisOptions = {}): Promise<LocalRedis> {
  return startRedis({ ...options, appendOnly: options.appendOnly ?? false });
}
