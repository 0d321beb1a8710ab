import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { spawnProcess } from "../src/index.js";

const script = fileURLToPath(new URL("programs/say.mjs", import.meta.url));

test("a process gets what it is given and nothing of the developer's own environment", async () => {
  vi.stubEnv("REDIS_URL", "redis://production");
  await using child = await spawnProcess(script, { env: { GREETING: "hello" } });

  expect(await child.line(/^ready/)).toBe(`ready ${child.pid} hello no redis`);
  vi.unstubAllEnvs();
});

test("a line that was printed before anyone asked is found", async () => {
  await using child = await spawnProcess(script);
  await child.line(/ready/);

  expect(await child.line(/ready/)).toContain("ready");
});

test("a process that ends without the line says so, and what it printed instead", async () => {
  await using child = await spawnProcess(script, { args: ["fail"] });

  await expect(child.line(/never/)).rejects.toThrow(/ended \(code 3\) without a line like \/never\/[\s\S]*it broke/);
  expect(await child.exited).toEqual({ code: 3, signal: null });
});

test("a line that does not come is a timeout", async () => {
  await using child = await spawnProcess(script);

  await expect(child.line(/never/, { timeoutMs: 20 })).rejects.toThrow(/ran for 20 ms/);
});

test("a signal reaches the process, and stopping twice is stopping once", async () => {
  const child = await spawnProcess(script);
  await child.line(/ready/);

  child.kill("SIGTERM");
  expect(await child.exited).toEqual({ code: 0, signal: null });

  await child.stop();
  await child.stop();
});
