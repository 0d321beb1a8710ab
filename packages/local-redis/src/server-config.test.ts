import { expect, test } from "vitest";
import { configText } from "./server-config.js";

const PRIVATE = { dir: "/data", socketPath: "/data/redis.sock", port: 0, appendOnly: false, config: {} } as const;

test("a server does not evict jobs unless its configuration says so", () => {
  expect(configText(PRIVATE)).toContain("maxmemory-policy noeviction\n");
  expect(configText({ ...PRIVATE, config: { "maxmemory-policy": "allkeys-lru" } })).not.toContain("noeviction");
});

test("a folder name with spaces and quotes is quoted as one value", () => {
  expect(configText({ ...PRIVATE, dir: '/my "data"' })).toContain('dir "/my \\"data\\""\n');
});
