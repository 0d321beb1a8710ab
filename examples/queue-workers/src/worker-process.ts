import { fork } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("worker.js", import.meta.url));

/** One worker process, and the jobs that it started. */
export interface WorkerProcess {
  readonly name: string;
  readonly pid: number | undefined;
  /** The id of each job that it started, once for each start. */
  readonly started: readonly string[];
  /** Kills the process, which has no chance to clean up. */
  kill(): Promise<void>;
  /** Shuts the process down gracefully. Safe to call after `kill`. */
  stop(): Promise<void>;
}

/** Starts a worker process, and resolves when it takes jobs. Rejects if it ends before that. */
export async function startWorker(name: string, env: Readonly<Record<string, string>>): Promise<WorkerProcess> {
  const child = fork(SCRIPT, { env: { ...process.env, ...env, WORKER: name }, silent: true });
  const gone = once(child, "close"); // after the last line it printed was read
  const started: string[] = [];
  const ready = new Promise<void>((resolve) => {
    if (!child.stdout) return;
    createInterface({ input: child.stdout }).on("line", (line) => {
      const [, id] = /^started {2}(\S+)/.exec(line) ?? [];
      if (id !== undefined) started.push(id);
      else if (line.endsWith("is ready")) resolve();
    });
  });
  child.stderr?.pipe(process.stderr);
  const end = async (signal: "SIGKILL" | "SIGTERM"): Promise<void> => {
    child.kill(signal);
    await gone;
  };
  const died = gone.then(() => Promise.reject(new Error(`${name} ended before it was ready`)));
  await Promise.race([ready, died]);
  died.catch(() => {}); // Later, it ends only because this example stops it.
  return { name, pid: child.pid, started, kill: () => end("SIGKILL"), stop: () => end("SIGTERM") };
}
