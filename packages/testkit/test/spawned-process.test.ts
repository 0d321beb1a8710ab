import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { spawnProcess } from "../src/index.js";

const script = fileURLToPath(new URL("programs/say.mjs", import.meta.url));

test("a process gets the given environment and not the developer's own", async () => {
  vi.stubEnv("REDIS_URL", "redis://production");
  await using child = await spawnProcess(script, { env: { GREETING: "hello" } });

  expect(await child.line(/^ready/)).toBe(`ready ${child.pid} hello no redis`);
  vi.unstubAllEnvs();
});

test("a line that was printed before the call is found", async () => {
  await using child = await spawnProcess(script);
  await child.line(/ready/);

  expect(await child.line(/ready/)).toContain("ready");
});

test("if a process ends without the line, the error shows its exit code and what it printed", async () => {
  await using child = await spawnProcess(script, { args: ["fail"] });

  await expect(child.line(/never/)).rejects.toThrow(/ended \(code 3\) without a line like \/never\/[\s\S]*it broke/);
  expect(await child.exited).toEqual({ code: 3, signal: null });
});

test("waiting for a line that never comes times out", async () => {
  await using child = await spawnProcess(script);

  await expect(child.line(/never/, { timeoutMs: 20 })).rejects.toThrow(/ran for 20 ms/);
});

test("a signal reaches the process, and stopping is safe to repeat", async () => {
  const child = await spawnProcess(script);
  await child.line(/ready/);

  child.kill("SIGTERM");
  expect(await child.exited).toEqual({ code: 0, signal: null });

  await child.stop();
  await child.stop();
});
