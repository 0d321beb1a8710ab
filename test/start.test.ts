import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type SpawnedProcess, spawnProcess, testRedis } from "@telltale/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

const pathOf = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const START = pathOf("apps/stack/src/start.ts");

// Where the commands keep their sessions, so that they write none for the user who runs the tests.
const home = mkdtempSync(join(tmpdir(), "telltale-start-test-"));
afterAll(() => rmSync(home, { recursive: true }));

let redis: Awaited<ReturnType<typeof testRedis>>;
beforeAll(async () => {
  redis = await testRedis();
});
afterAll(() => redis?.stop());

function start(env: Readonly<Record<string, string>>): Promise<SpawnedProcess> {
  return spawnProcess(START, { env: { REDIS_URL: redis.url, WORKERS: "1", CONCURRENCY: "1", ...env } });
}

/** Resolves with the address of the stack when it is up. */
async function urlOf(stack: SpawnedProcess): Promise<string> {
  return /(http:\S+)/.exec(await stack.line(/Telltale is up at/, { timeoutMs: 30_000 }))?.[1] ?? "";
}

/** Runs `npm run telltale` and resolves with its exit code and its output. */
async function telltale(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const options = { args, env: { XDG_STATE_HOME: home, ...env } };
  await using child = await spawnProcess(pathOf("scripts/telltale.mjs"), options);
  const { code } = await child.exited;
  return { code, said: child.output() };
}

test("npm run telltale acts as an operator of the stack that npm start runs, unless you give another token", async () => {
  await using stack = await start({ PORT: "0" });
  const url = await urlOf(stack);
  const file = pathOf(`.telltale/stack-${new URL(url).port}.json`);

  expect(await telltale(["--url", url, "queues"])).toEqual({ code: 0, said: expect.stringContaining("judge") });
  expect(await telltale([`--url=${url}`, "queues"], { TELLTALE_TOKEN: "" })).toMatchObject({ code: 1 });
  expect(await telltale(["--url", url, "queues", "--token", "mine"])).toMatchObject({ code: 1 });
  for (const kept of [file, pathOf(".telltale/auth-secret")]) expect(statSync(kept).mode & 0o777).toBe(0o600);
  expect(stack.output()).not.toContain("eyJ");

  stack.kill("SIGTERM");
  expect(await stack.exited).toEqual({ code: 0, signal: null });
  expect(existsSync(file)).toBe(false);
}, 60_000);

test("with AUTH_SECRET, the operator token is signed with it, and anonymous callers are refused", async () => {
  await using stack = await start({ PORT: "0", AUTH_SECRET: "s".repeat(32) });
  const url = await urlOf(stack);

  expect(await telltale(["--url", url, "queues"])).toMatchObject({ code: 0 });
  expect(await telltale(["--url", url, "list"], { TELLTALE_TOKEN: "" })).toMatchObject({ code: 1 });
  expect(stack.output()).not.toContain("curl");
}, 60_000);

test("a server that other machines can reach gets no operator", async () => {
  await using stack = await start({ PORT: "0", HOST: "0.0.0.0", ALLOW_ANONYMOUS: "1" });
  const { port } = new URL(await urlOf(stack));

  expect(await telltale(["--url", `http://127.0.0.1:${port}`, "queues"])).toMatchObject({ code: 1 });
}, 60_000);

test("the token file of a killed npm start is removed by the next start", async () => {
  const killed = await start({ PORT: "0" });
  const url = await urlOf(killed);
  const file = pathOf(`.telltale/stack-${new URL(url).port}.json`);
  expect(existsSync(file)).toBe(true);
  await killed.stop();

  await using next = await start({ PORT: "0" });
  await urlOf(next);

  expect(existsSync(file)).toBe(false);
}, 60_000);

test("a second npm start on the same port names the first and how to stop it", async () => {
  await using first = await start({ PORT: "0" });
  const url = await urlOf(first);
  const { port } = new URL(url);

  await using second = await start({ PORT: port });

  expect(await second.exited).toEqual({ code: 1, signal: null });
  expect(second.output()).toContain(`npm start is already running here, at ${url} (process ${first.pid}).`);
  expect(second.output()).toContain(`kill ${first.pid}`);
}, 60_000);

test("a port in use by another program is reported in one line", async () => {
  const other = createServer();
  const port = await new Promise<number>((resolve) => {
    other.listen(0, "127.0.0.1", () => resolve(Number(Object(other.address()).port)));
  });

  await using stack = await start({ PORT: String(port) });
  const { code } = await stack.exited;
  other.close();

  expect(code).toBe(1);
  expect(stack.output()).toBe(
    `Port ${port} is in use by another program. Use another port: PORT=${port + 1} npm start\n`,
  );
}, 30_000);
