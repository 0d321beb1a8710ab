import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { z } from "zod";

/**
 * What a running `npm start` writes to a file for `npm run telltale` and for another start. Only this user can read it.
 */
const RunningStack = z.object({
  pid: z.int().positive(),
  url: z.string(),
  /** The address of its own Redis; null if it uses REDIS_URL. */
  redis: z.string().nullable(),
  /** An operator token for this stack; null if it has no operator. */
  token: z.string().nullable(),
});
export type RunningStack = z.infer<typeof RunningStack>;

const FILE_PATTERN = /^stack-(\d+)\.json$/;

/** Returns the stacks that run from this folder. Removes files that killed stacks left behind. */
export async function findRunningStacks(folder: string): Promise<RunningStack[]> {
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => FILE_PATTERN.test(name)).map((name) => join(folder, name));
  const stacks = await Promise.all(
    files.map(async (file) => {
      const stack = await readRunningStack(file);
      if (stack === null) await rm(file, { force: true });
      return stack;
    }),
  );
  return stacks.filter((stack) => stack !== null);
}

/** Writes or replaces the file of a stack. */
export async function writeRunningStack(folder: string, stack: RunningStack): Promise<void> {
  await mkdir(folder, { recursive: true });
  const file = fileOf(folder, stack);
  // Renamed into place, so that a command that starts meanwhile reads a complete file.
  const aside = `${file}.${process.pid}`;
  await writeFile(aside, JSON.stringify(stack), { mode: 0o600 });
  await rename(aside, file);
}

/** Removes the file of a stack. Safe to call twice. */
export async function removeRunningStack(folder: string, stack: RunningStack): Promise<void> {
  await rm(fileOf(folder, stack), { force: true });
}

/** Whether a server can listen on this port now. */
export function isPortFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code !== "EADDRINUSE"));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

async function readRunningStack(file: string): Promise<RunningStack | null> {
  try {
    const stack = RunningStack.parse(JSON.parse(await readFile(file, "utf8")));
    const { hostname, port } = new URL(stack.url);
    // The process id alone is not enough, because another process may have it by now.
    const isRunning = isAlive(stack.pid) && !(await isPortFree(Number(port), hostname));
    return isRunning ? stack : null;
  } catch {
    return null;
  }
}

function fileOf(folder: string, { url }: RunningStack): string {
  return join(folder, `stack-${new URL(url).port}.json`);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
