import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { startProcesses, submission } from "./processes.js";

const CLI = fileURLToPath(new URL("../packages/telltale/src/cli/main.generated.mjs", import.meta.url));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command with its own home folder, without a terminal. */
function telltale(home: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const options = { env: { PATH: process.env.PATH ?? "", XDG_STATE_HOME: home, ...env } };
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, ...args], options, (error, out, err) => {
      resolve({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, out, err });
    });
  });
}

test("jobs can be submitted, watched, listed and cancelled from the command line, and the exit code shows the outcome", {
  timeout: 60_000,
}, async () => {
  await using stack = await startProcesses({ workers: 1 });
  const home = await mkdtemp(join(tmpdir(), "telltale-cli-"));
  const run = (...args: string[]): Promise<Ran> => telltale(home, ["--url", stack.url, ...args]);
  try {
    const input = (name: string): string => JSON.stringify(submission(name));

    const accepted = await run("submit", "judge", "--input", input("accepted-sum"), "--wait", "--json");
    const id = JSON.parse(accepted.out.trim().split("\n").at(-1) ?? "{}").id;
    expect(accepted.code).toBe(0);
    expect(accepted.out).toContain('"verdict":"accepted"');

    const unknown = JSON.stringify({ ...submission("accepted-sum"), problem: "nope" });
    expect(await run("submit", "judge", "--input", unknown, "--wait")).toMatchObject({ code: 1 });
    expect((await run("list", "--json")).out).toContain(id);
    expect((await run("get", id, "--json")).out).toContain('"completed"');
    const later = JSON.parse(
      (await run("submit", "judge", "--input", input("accepted-sum"), "--delay", "1h", "--json")).out,
    );
    expect(await run("cancel", later.id)).toMatchObject({ code: 0 });
    expect(await run("watch", later.id)).toMatchObject({ code: 1 });

    expect(await run("submit", "judge", "--input", "{")).toMatchObject({ code: 2 });
    expect(await run("nonsense")).toMatchObject({ code: 2 });
    expect(await run("queues")).toMatchObject({ code: 1, err: expect.stringContaining("forbidden") });
    await stack.server.stop();
    expect(await run("get", id)).toMatchObject({ code: 3 });
  } finally {
    await rm(home, { recursive: true });
  }
});

test("an operator sets, lists and removes schedules, and pauses and resumes a queue", { timeout: 60_000 }, async () => {
  const AUTH_SECRET = randomBytes(32).toString("hex");
  await using stack = await startProcesses({ workers: 0, env: { AUTH_SECRET } });
  const home = await mkdtemp(join(tmpdir(), "telltale-cli-"));
  try {
    const token = (await telltale(home, ["token", "--operator"], { AUTH_SECRET })).out.trim();
    const run = (...args: string[]): Promise<Ran> =>
      telltale(home, ["--url", stack.url, ...args], { TELLTALE_TOKEN: token });

    const input = JSON.stringify(submission("accepted-sum"));
    const set = ["schedules", "set", "nightly", "--kind", "judge", "--input", input, "--cron", "0 3 * * *"];
    expect(await run(...set, "--time-zone", "Europe/Berlin")).toMatchObject({ code: 0 });
    expect((await run("schedules", "list", "--json")).out).toContain("nightly");
    expect(await run("schedules", "remove", "nightly")).toMatchObject({ code: 0 });
    expect(await run("pause", "judge")).toMatchObject({ code: 0 });
    expect((await run("queues", "--json")).out).toContain('"paused":true');
    expect(await run("resume", "judge")).toEqual({ code: 0, out: "judge resumed\n", err: "" });
    expect((await run("queues", "--json")).out).toContain('"paused":false');
  } finally {
    await rm(home, { recursive: true });
  }
});
