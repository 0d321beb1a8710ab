import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rememberedRouter, rememberRouter } from "./router-file.js";

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "telltale-cli-"));
});
afterAll(() => rm(home, { recursive: true }));

const LOCAL = "http://127.0.0.1:3000";

/** Creates a state folder for one test. */
async function fresh(): Promise<{ XDG_STATE_HOME: string }> {
  return { XDG_STATE_HOME: await mkdtemp(join(home, "state-")) };
}

test("a router is remembered for its endpoint, under every name of this machine", async () => {
  const env = await fresh();

  await rememberRouter(LOCAL, "api.jobs", env);

  expect(await rememberedRouter("ws://localhost:3000/trpc", env)).toBe("api.jobs");
  expect(await rememberedRouter("http://127.0.0.1:3000/api/trpc", env)).toBeNull();
  expect(await rememberedRouter("http://127.0.0.1:3001", env)).toBeNull();
});

test("a later router replaces an earlier one, and a router at the root deletes it", async () => {
  const env = await fresh();
  await rememberRouter(LOCAL, "jobs", env);
  await rememberRouter(LOCAL, "work", env);
  expect(await rememberedRouter(LOCAL, env)).toBe("work");

  await rememberRouter(LOCAL, null, env);
  await rememberRouter(LOCAL, null, env);

  expect(await rememberedRouter(LOCAL, env)).toBeNull();
});

test("a damaged file is ignored, and only this user can read the file", async () => {
  const env = await fresh();
  const file = join(env.XDG_STATE_HOME, "telltale", "sessions", "http-loopback-3000.router");
  await rememberRouter(LOCAL, "jobs", env);
  expect((await stat(file)).mode & 0o777).toBe(0o600);

  await writeFile(file, "../etc");

  expect(await rememberedRouter(LOCAL, env)).toBeNull();
});
