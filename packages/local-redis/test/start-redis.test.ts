import { access } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startRedis } from "../src/index.js";
import { ask } from "./ask.js";
import { scratchFolder } from "./scratch-folder.js";

test("a started server answers at once", async () => {
  await using redis = await startRedis();

  expect(await ask(redis.socketPath, "PING")).toBe("+PONG\r\n");
  expect(redis.url).toBe(redis.socketPath);
});

test("a private server cannot be reached over TCP", async () => {
  await using redis = await startRedis();

  expect(await ask(redis.socketPath, "CONFIG GET port")).toContain("\r\n0\r\n");
});

test("stopping is safe to repeat, and leaves neither a process nor a folder", async () => {
  const redis = await startRedis();

  await redis.stop();
  await redis.stop();

  expect(isAlive(redis.pid)).toBe(false);
  await expect(access(redis.dir)).rejects.toMatchObject({ code: "ENOENT" });
});

test("data in a kept folder survives a restart, at the same address", async () => {
  await using scratch = await scratchFolder();
  const dir = join(scratch.path, "data");
  const first = await startRedis({ dir });
  await ask(first.socketPath, "SET job 42");
  await first.stop();

  await using second = await startRedis({ dir });

  expect(second.url).toBe(first.url);
  expect(await ask(second.socketPath, "GET job")).toBe("$2\r\n42\r\n");
});

test("a killed server can be restarted in its folder", async () => {
  await using scratch = await scratchFolder();
  await using first = await startRedis({ dir: scratch.path, config: { appendfsync: "always" } });
  await ask(first.socketPath, "SET job 42");
  await first.kill();

  await using second = await startRedis({ dir: scratch.path });

  expect(await ask(second.socketPath, "GET job")).toBe("$2\r\n42\r\n");
});

test("a second server in the same folder is refused, and the first one keeps running", async () => {
  await using scratch = await scratchFolder();
  await using first = await startRedis({ dir: scratch.path });

  await expect(startRedis({ dir: scratch.path })).rejects.toThrow(/Another Redis already runs/);

  expect(await ask(first.socketPath, "PING")).toBe("+PONG\r\n");
});

test("a folder whose path is too long for a socket works too", async () => {
  await using scratch = await scratchFolder();
  await using redis = await startRedis({ dir: join(scratch.path, "long".repeat(30)) });

  expect(redis.socketPath.length).toBeLessThan(100);
  expect(await ask(redis.socketPath, "PING")).toBe("+PONG\r\n");
});

test("a wrong configuration is an error that quotes the log of Redis", async () => {
  await expect(startRedis({ config: { "no-such-directive": "1" } })).rejects.toThrow(
    /exited with code 1[\s\S]*no-such-directive/,
  );
});

test("a port in use is an error, even if the program on it answers like Redis", async () => {
  await using other = createServer((socket) => void socket.on("data", () => socket.write("+PONG\r\n")));
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const address = other.address();
  if (address === null || typeof address === "string") throw new Error("no port");

  await expect(startRedis({ port: address.port })).rejects.toThrow(/Address already in use/);
});

test.each([0, 65_536, 1.5])("%s is refused as a port", async (port) => {
  await expect(startRedis({ port })).rejects.toThrow(/is not a TCP port/);
});

test("the caller's directives override ours, including those with several values", async () => {
  await using redis = await startRedis({
    config: { "maxmemory-policy": "allkeys-lru", "client-output-buffer-limit": "normal 1mb 1mb 10", save: "60 1" },
  });

  expect(await ask(redis.socketPath, "CONFIG GET maxmemory-policy")).toContain("allkeys-lru");
  expect(await ask(redis.socketPath, "CONFIG GET client-output-buffer-limit")).toContain("normal 1048576 1048576 10");
});

test("a server that does not react to SIGTERM is killed", { timeout: 15_000 }, async () => {
  const redis = await startRedis();
  process.kill(redis.pid, "SIGSTOP");

  await redis.stop();

  expect(isAlive(redis.pid)).toBe(false);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
