import { createServer, type Server } from "node:net";
import { fileURLToPath } from "node:url";
import { sampleOf, spawnBundled, spawnProcess, testRedis } from "@telltale/testkit";
import { describe, expect, test } from "vitest";
import { appPath } from "./processes.js";

const PASSWORD = "canary-hunter2";
const DEAD = `redis://:${PASSWORD}@127.0.0.1:1`;

/** Runs an application that cannot start, and resolves with its exit code and its output. */
async function failing(
  name: "server" | "worker",
  env: Record<string, string>,
): Promise<{ code: number | null; said: string }> {
  await using child = await spawnBundled(appPath(name), { env: { PORT: "0", ...env } });
  const { code } = await child.exited;
  return { code, said: child.output() };
}

describe.concurrent.each(["server", "worker"] as const)("a %s", (name) => {
  // The applications wait for Redis for 10 s, and start slowly where much runs beside them.
  test("exits with an error that does not contain the password if it cannot reach Redis", {
    timeout: 40_000,
  }, async () => {
    const { code, said } = await failing(name, { REDIS_URL: DEAD });

    expect(code).toBe(1);
    expect(said).toMatch(new RegExp(`^${name}: Redis does not respond`, "m"));
    expect(said).not.toContain(PASSWORD);
  });

  test("exits with an error that does not contain the password if Redis refuses the password", async () => {
    await using redis = await testRedis({ config: { requirepass: "right" }, port: await freePort() });

    const { code, said } = await failing(name, { REDIS_URL: redis.url.replace("://", `://:${PASSWORD}@`) });

    expect(code).toBe(1);
    expect(said).toMatch(/WRONGPASS|password/i);
    expect(said).not.toContain(PASSWORD);
  });

  test("refuses a Redis that would evict jobs", async () => {
    await using redis = await testRedis({ config: { "maxmemory-policy": "allkeys-lru" } });

    const { code, said } = await failing(name, { REDIS_URL: redis.url });

    expect(code).toBe(1);
    expect(said).toMatch(/allkeys-lru\. Set it to noeviction/);
  });

  test.each([
    ["an invalid REDIS_URL", { REDIS_URL: `http://:${PASSWORD}@example` }],
    ["an invalid LOG_LEVEL", { LOG_LEVEL: PASSWORD }],
  ])("refuses %s without printing it", async (_what, env) => {
    const { code, said } = await failing(name, env);

    expect(code).toBe(2);
    expect(said).toMatch(new RegExp(`^${name}: `, "m"));
    expect(said).not.toContain(PASSWORD);
  });
});

test("a server whose port is in use names the port and exits", async () => {
  await using redis = await testRedis();
  const taken = createServer();
  const port = await listening(taken);

  const { code, said } = await failing("server", { REDIS_URL: redis.url, PORT: String(port) });
  taken.close();

  expect(code).toBe(2);
  expect(said).toContain(`${port}`);
});

test("a server listens beyond loopback only with AUTH_SECRET or ALLOW_ANONYMOUS", async () => {
  const { code, said } = await failing("server", { HOST: "0.0.0.0", REDIS_URL: DEAD });

  expect(code).toBe(2);
  expect(said).toMatch(/AUTH_SECRET.*ALLOW_ANONYMOUS=1/);
});

test.each(sampleOf(["silent", "debug", "warn"], 3))(
  "npm start works at any log level: LOG_LEVEL=%s",
  async (LOG_LEVEL) => {
    await using redis = await testRedis();
    const script = fileURLToPath(new URL("../apps/stack/src/start.ts", import.meta.url));
    await using stack = await spawnProcess(script, {
      env: { REDIS_URL: redis.url, PORT: "0", WORKERS: "1", CONCURRENCY: "1", LOG_LEVEL },
    });

    const [, url = ""] = /(http:\S+)/.exec(await stack.line(/Telltale is up at/, { timeoutMs: 30_000 })) ?? [];

    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    stack.kill("SIGTERM");
    expect(await stack.exited).toEqual({ code: 0, signal: null });
    expect(stack.output().includes("server ready")).toBe(LOG_LEVEL === "debug");
  },
  60_000,
);

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}
