export { type FindRedisOptions, findRedisServer } from "./find-redis-server.js";
export type { LocalRedis } from "./local-redis.js";
export type { RedisServerBinary } from "./redis-server-binary.js";
export { type StartRedisOptions, startRedis } from "./start-redis.js";
