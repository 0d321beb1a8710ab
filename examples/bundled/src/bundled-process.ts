import { fork } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A process that runs one bundle. */
export interface BundledProcess extends AsyncDisposable {
  /** Every line it printed so far. */
  readonly lines: readonly string[];
  /** What the first line said. */
  readonly ready: string;
}

/** Starts a bundle with plain Node, and resolves when it has printed its first line. `await using` stops it. */
export async function startBundled(file: string, env: Readonly<Record<string, string>>): Promise<BundledProcess> {
  const child = fork(file, { execArgv: [], env: { ...process.env, ...env }, silent: true });
  const ended = once(child, "close");
  const lines: string[] = [];
  const first = new Promise<string>((resolve) => {
    if (!child.stdout) return;
    createInterface({ input: child.stdout }).on("line", (line) => {
      lines.push(line);
      resolve(line);
    });
  });
  child.stderr?.pipe(process.stderr);
  const early = ended.then(() => Promise.reject(new Error(`${file} ended before it was ready`)));
  const ready = await Promise.race([first, early]);
  early.catch(() => {}); // later it ends because it is stopped
  return {
    lines,
    ready,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
