import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { spawnProcess, waitFor } from "../src/index.js";

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

test("a process does not outlive the test's process, even if that is killed and the process ignores SIGTERM", async () => {
  const parent = await spawnProcess(fileURLToPath(new URL("programs/parent.ts", import.meta.url)));
  const pid = Number((await parent.line(/^child \d+$/)).split(" ")[1]);
  expect(isAlive(pid)).toBe(true);

  parent.kill("SIGKILL");

  await waitFor(() => !isAlive(pid), { what: "the end of the child" });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
