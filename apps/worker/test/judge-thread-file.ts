import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** Writes the entry file of a thread, which can use `threadId`, and returns its path. Removed when the test ends. */
export async function threadFileOf(program: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "telltale-judge-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "thread.mjs");
  await writeFile(file, `import { threadId } from "node:worker_threads";\n${program}`);
  return file;
}
