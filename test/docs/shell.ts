import { spawn } from "node:child_process";
import { once } from "node:events";
import { symlinkSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** Runs blocks of a page in one shell, against the server at `url`, and resolves with the output of each block. */
export async function shell(script: readonly string[], url: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "telltale-docs-"));
  try {
    const curl = fileURLToPath(new URL("curl.mjs", import.meta.url));
    symlinkSync(curl, join(folder, "curl"));
    const path = [folder, dirname(process.execPath), process.env.PATH].join(delimiter);
    const commands = script.join("\necho ----\n").replaceAll("http://127.0.0.1:3000", url);
    const child = spawn("sh", ["-eu", "-c", commands], { env: { PATH: path }, stdio: ["ignore", "pipe", "inherit"] });
    const [printed, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
    if (code !== 0) throw new Error(`The commands failed with code ${code}. Output:\n${printed}`);
    return printed.split("----\n");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
