import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findRedisServer } from "../src/index.js";
import { scratchFolder } from "./scratch-folder.js";

/** Creates a folder to use as the whole PATH, with programs that print one line each. */
async function programs(root: string, printed: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(root, "bin");
  await mkdir(folder);
  for (const [name, line] of Object.entries(printed)) {
    await writeFile(join(folder, name), `#!/bin/sh\necho "${line}"\n`, { mode: 0o755 });
  }
  return folder;
}

test("a server on the PATH is used", async () => {
  await using scratch = await scratchFolder();
  const bin = await programs(scratch.path, { "redis-server": "Redis server v=7.4.1 sha=0" });

  const found = await findRedisServer({ env: { PATH: bin }, cacheDir: join(scratch.path, "cache") });

  expect(found).toEqual({ path: join(bin, "redis-server"), env: {}, version: "7.4.1", source: "path" });
});

test("an old Redis is skipped in favour of a supported Valkey", async () => {
  await using scratch = await scratchFolder();
  const bin = await programs(scratch.path, {
    "redis-server": "Redis server v=6.2.16 sha=0",
    "valkey-server": "Valkey server v=8.0.1 sha=0",
  });

  const found = await findRedisServer({ env: { PATH: bin }, cacheDir: join(scratch.path, "cache") });

  expect(found).toMatchObject({ path: join(bin, "valkey-server"), version: "8.0.1" });
});

test("without any server, one error lists what was tried and three remedies", async () => {
  await using scratch = await scratchFolder();
  const bin = await programs(scratch.path, { "redis-server": "Redis server v=6.2.16 sha=0" });

  const search = findRedisServer({ env: { PATH: bin }, cacheDir: join(scratch.path, "cache") });

  await expect(search).rejects.toThrow(
    /(?:package manager|brew)[\s\S]*docker compose up redis[\s\S]*REDIS_URL[\s\S]*is Redis 6\.2\.16/,
  );
});

test("the error names the version of a distribution's Redis that is too old", async () => {
  await using scratch = await scratchFolder();
  const policy = "redis-server:\n  Candidate: 5:6.0.16-1ubuntu1";
  const bin = await programs(scratch.path, { "apt-cache": policy, "apt-get": "", "dpkg-deb": "", "dpkg-query": "" });

  const search = findRedisServer({ env: { PATH: bin }, cacheDir: join(scratch.path, "cache") });

  await expect(search).rejects.toThrow(/distribution's redis-server is 6\.0\.16/);
});
