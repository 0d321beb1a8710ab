import { chmod, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keptSession } from "./session-file.js";

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "telltale-cli-"));
});
afterAll(() => rm(home, { recursive: true }));

const LOCAL = "http://127.0.0.1:3000";

/** Creates a state folder for one test. */
async function fresh(): Promise<{ env: { XDG_STATE_HOME: string }; sessions: string }> {
  const folder = await mkdtemp(join(home, "state-"));
  return { env: { XDG_STATE_HOME: folder }, sessions: join(folder, "telltale", "sessions") };
}

test("the next command acts as the same user, under every name of this machine", async () => {
  const { env } = await fresh();

  const session = await keptSession(LOCAL, env);

  expect(session).toMatch(/^anon_[A-Za-z0-9_-]{43}$/);
  expect(await keptSession("http://localhost:3000/trpc", env)).toBe(session);
  expect(await keptSession("ws://[::1]:3000", env)).toBe(session);
});

test("the session of one server is not sent to another", async () => {
  const { env } = await fresh();
  const urls = [LOCAL, "http://127.0.0.1:3001", "https://jobs.example", "http://jobs.example"];

  const sessions = await Promise.all(urls.map((url) => keptSession(url, env)));

  expect(new Set(sessions).size).toBe(urls.length);
});

test("nobody else can read the file, even if its permissions were widened in the meantime", async () => {
  const { env, sessions } = await fresh();
  const session = await keptSession(LOCAL, env);
  const [name = ""] = await readdir(sessions);
  const mode = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

  expect(await mode(sessions)).toBe(0o700);
  expect(await mode(join(sessions, name))).toBe(0o600);
  await chmod(join(sessions, name), 0o644);
  expect(await keptSession(LOCAL, env)).toBe(session);
  expect(await mode(join(sessions, name))).toBe(0o600);
});

test("commands that start together for the first time act as one user, and leave one file", async () => {
  const { env, sessions } = await fresh();

  const made = await Promise.all(Array.from({ length: 20 }, () => keptSession(LOCAL, env)));

  expect(new Set(made).size).toBe(1);
  expect(await readdir(sessions)).toHaveLength(1);
});

test("an invalid session file is named in the error, and neither sent nor replaced", async () => {
  const { env, sessions } = await fresh();
  await keptSession(LOCAL, env);
  const [name = ""] = await readdir(sessions);
  await writeFile(join(sessions, name), "my diary");

  await expect(keptSession(LOCAL, env)).rejects.toThrow(new RegExp(`${name} holds no session`));
});

test("without a usable XDG_STATE_HOME, the file is stored in the home folder", async () => {
  const HOME = await mkdtemp(join(home, "home-"));

  await keptSession(LOCAL, { HOME, XDG_STATE_HOME: "relative" });

  expect(await readdir(join(HOME, ".local", "state", "telltale", "sessions"))).toHaveLength(1);
});

test("an invalid address is reported", async () => {
  await expect(keptSession("here", {})).rejects.toMatchObject({ code: "invalid_config" });
});
