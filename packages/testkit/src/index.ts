export { createClock, type TestClock } from "./clock.js";
export { nodeArgs } from "./node-args.js";
export type { ProxyTarget } from "./proxy-link.js";
export { IS_FULL, sampleOf } from "./sample-of.js";
export { type ProcessEnd, type SpawnedProcess, type SpawnProcessOptions, spawnProcess } from "./spawned-process.js";
export { createTcpProxy, type DropOptions, type ProxyDirection, type TcpProxy } from "./tcp-proxy.js";
export { type TestRedisOptions, testRedis } from "./test-redis.js";
export { type WaitForOptions, waitFor } from "./wait-for.js";
export { WORST_WIRES } from "./worst-wires.js";
