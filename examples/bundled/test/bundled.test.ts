import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawnProcess, testRedis } from "@telltale/testkit";
import { expect, onTestFinished, test } from "vitest";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

test("the bundles run one job once, although it blocks its worker for three leases", { timeout: 60_000 }, async () => {
  await using redis = await testRedis();
  const folder = await mkdtemp(join(tmpdir(), "telltale-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await using example = await spawnProcess(MAIN, { env: { REDIS_URL: redis.url, TMPDIR: folder } });

  expect(await example.exited, example.output()).toEqual({ code: 0, signal: null });

  expect(example.output()).toMatch(/^bundled {4}server\.mjs, \d\.\d MB\nbundled {4}worker\.mjs, \d\.\d MB$/m);
  expect(example.output()).toMatch(/^completed {2}after [\d,]+ rounds\nholds {6}two workers started it 1 time\(s\)$/m);
  // tsx keeps a cache there too.
  expect((await readdir(folder)).filter((name) => name.startsWith("telltale"))).toEqual([]);
});
