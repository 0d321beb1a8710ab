import { access } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startRedis } from "../src/index.js";
import { ask } from "./ask.js";
import { scratchFolder } from "./scratch-folder.js";

test("a server answers as soon as it is handed over", async () => {
  await using redis = await startRedis();

  expect(await ask(redis.socketPath, "PING")).toBe("+PONG\r\n");
  expect(redis.url).toBe(redis.socketPath);
});

test("a private server cannot be reached over TCP", async () => {
  await using redis = await startRedis();

  expect(await ask(redis.socketPath, "CONFIG GET port")).toContain("\r\n0\r\n");
});

test("stopping twice is stopping once, and leaves neither process nor folder", async () => {
  const redis = await startRedis();

  await redis.stop();
  await redis.stop();

  expect(isAlive(redis.pid)).toBe(false);
  await expect(access(redis.dir)).rejects.toMatchObject({ code: "ENOENT" });
});

test("what was written to a kept folder is there after a restart, at the same address", async () => {
  await using scratch = await scratchFolder();
  const dir = join(scratch.path, "data");
  const first = await startRedis({ dir });
  await ask(first.socketPath, "SET job 42");
  await first.stop();

  await using second = await startRedis({ dir });

  expect(second.url).toBe(first.url);
  expect(await ask(second.socketPath, "GET job")).toBe("$2\r\n42\r\n");
});

test("a server that was killed can be started again in its folder", async () => {
  await using scratch = await scratchFolder();
  await using first = await startRedis({ dir: scratch.path, config: { appendfsync: "always" } });
  await ask(first.socketPath, "SET job 42");
  await first.kill();

  await using second = await startRedis({ dir: scratch.path });

  expect(await ask(second.socketPath, "GET job")).toBe("$2\r\n42\r\n");
});

test("a second server in the same folder is refused, and the first one goes on", async () => {
  await using scratch = await scratchFolder();
  await using first = await startRedis({ dir: scratch.path });

  await expect(startRedis({ dir: scratch.path })).rejects.toThrow(/Another Redis already runs/);

  expect(await ask(first.socketPath, "PING")).toBe("+PONG\r\n");
});

test("a folder whose path is too long for a socket works all the same", async () => {
  await using scratch = await scratchFolder();
  await using redis = await startRedis({ dir: join(scratch.path, "long".repeat(30)) });

  expect(redis.socketPath.length).toBeLessThan(100);
  expect(await ask(redis.socketPath, "PING")).toBe("+PONG\r\n");
});

test("a broken configuration is an error that quotes what Redis said", async () => {
  await expect(startRedis({ config: { "no-such-directive": "1" } })).rejects.toThrow(
    /exited with code 1[\s\S]*no-such-directive/,
  );
});

test("a port that is taken is an error, also when what is there would answer like a Redis", async () => {
  await using other = createServer((socket) => void socket.on("data", () => socket.write("+PONG\r\n")));
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const address = other.address();
  if (address === null || typeof address === "string") throw new Error("no port");

  await expect(startRedis({ port: address.port })).rejects.toThrow(/Address already in use/);
});

test.each([0, 65_536, 1.5])("%s is refused as a port", async (port) => {
  await expect(startRedis({ port })).rejects.toThrow(/is no TCP port/);
});

test("directives of one's own win over ours, those with several words too", async () => {
  await using redis = await startRedis({
    config: { "maxmemory-policy": "allkeys-lru", "client-output-buffer-limit": "normal 1mb 1mb 10", save: "60 1" },
  });

  expect(await ask(redis.socketPath, "CONFIG GET maxmemory-policy")).toContain("allkeys-lru");
  expect(await ask(redis.socketPath, "CONFIG GET client-output-buffer-limit")).toContain("normal 1048576 1048576 10");
});

test("a server that hears no SIGTERM is ended all the same", { timeout: 15_000 }, async () => {
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
