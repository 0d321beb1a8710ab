import { describe, expect, test } from "vitest";
import { parsePackageVersion, parseServerVersion } from "./server-version.js";

describe("Redis 7.0 and Valkey 7.2 are the oldest supported servers", () => {
  test.each([
    ["Redis server v=7.0.0 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64 build=1", "Redis", "7.0.0", true],
    ["Redis server v=6.2.16 sha=00000000:0 malloc=libc bits=64 build=1", "Redis", "6.2.16", false],
    ["Redis server v=10.0.1 sha=00000000:0 malloc=libc bits=64 build=1", "Redis", "10.0.1", true],
    ["Valkey server v=7.2.5 sha=00000000:0 malloc=libc bits=64 build=1", "Valkey", "7.2.5", true],
    ["Valkey server v=7.1.9 sha=00000000:0 malloc=libc bits=64 build=1", "Valkey", "7.1.9", false],
  ])("%s", (output, name, number, isSupported) => {
    expect(parseServerVersion(output)).toMatchObject({ name, number, isSupported });
  });

  test("a program that reports no version is not a server", () => {
    expect(parseServerVersion("usage: redis-server [options]")).toBeUndefined();
  });

  test("a package's epoch and revision are not part of its version", () => {
    expect(parsePackageVersion("redis-server", "5:7.0.15-1~deb12u10")).toMatchObject({
      number: "7.0.15",
      isSupported: true,
    });
    expect(parsePackageVersion("redis-server", "5:6.0.16-1ubuntu1")).toMatchObject({
      number: "6.0.16",
      isSupported: false,
    });
    expect(parsePackageVersion("valkey-server", "8.1.1+dfsg1-3")).toMatchObject({ name: "Valkey", number: "8.1.1" });
  });
});
