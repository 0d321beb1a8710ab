import { type LocalRedis, type StartRedisOptions, startRedis } from "@telltale/local-redis";

/** How a test's server differs from an empty one that forgets everything. */
export type TestRedisOptions = Omit<StartRedisOptions, "binary">;

/**
 * Starts a private Redis for one test file, on a unix socket and without persistence unless asked; never REDIS_URL,
 * since tests flush, kill and fill their server. `await using`, or `stop()` in `afterAll`, ends it; so does the process.
 */
export function testRedis(options: TestRedisOptions = {}): Promise<LocalRedis> {
  return startRedis({ ...options, appendOnly: options.appendOnly ?? false });
}
