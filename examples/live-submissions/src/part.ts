import { fork } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A running process of this example. */
export interface Part {
  /** The line that it printed when it was ready. */
  readonly ready: string;
  /** Kills the process, like a crash. */
  kill(): Promise<void>;
  /** Shuts the process down gracefully. Safe to call after `kill`. */
  stop(): Promise<void>;
}

/** Starts `server` or `worker`, and resolves when it prints a line with `word`. Rejects if it ends before that. */
export async function startPart(
  name: "server" | "worker",
  word: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Part> {
  const script = fileURLToPath(new URL(`${name}.js`, import.meta.url));
  const child = fork(script, { env: { ...process.env, ...env }, silent: true });
  const gone = once(child, "close");
  child.stderr?.pipe(process.stderr);
  const ready = new Promise<string>((resolve) => {
    if (!child.stdout) return;
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line.includes(word)) resolve(line);
    });
  });
  const died = gone.then(() => Promise.reject(new Error(`The ${name} ended before it was ready`)));
  died.catch(() => {}); // Later, it ends only because this example stops it.
  const end = async (signal: "SIGKILL" | "SIGTERM"): Promise<void> => {
    child.kill(signal);
    await gone;
  };
  return { ready: await Promise.race([ready, died]), kill: () => end("SIGKILL"), stop: () => end("SIGTERM") };
}
