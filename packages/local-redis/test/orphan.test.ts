import { spawn } from "node:child_process";
import { once } from "node:events";
import { access } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { ask } from "./ask.js";

// As nodeArgs of the testkit, which depends on this package.
const FROM_SOURCE = ["--conditions=@telltale/source", "--import", "tsx"];
const script = fileURLToPath(new URL("programs/start-and-wait.mjs", import.meta.url));

test("a server ends with the process that started it, even if that process was killed", async () => {
  const parent = spawn(process.execPath, [...FROM_SOURCE, script], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(parent.stdout, "data");
  const { socketPath, dir } = JSON.parse(String(line));
  expect(await ask(socketPath, "PING")).toBe("+PONG\r\n");

  parent.kill("SIGKILL");

  await vi.waitFor(() => expect(access(dir)).rejects.toMatchObject({ code: "ENOENT" }), { timeout: 10_000 });
  await expect(ask(socketPath, "PING")).rejects.toMatchObject({ code: "ENOENT" });
});
