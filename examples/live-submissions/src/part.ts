import { fork } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A process of this example that was started. */
export interface Part {
  /** The line by which it said that it is ready. */
  readonly ready: string;
  /** Ends it on the spot, as a crash would. */
  kill(): Promise<void>;
  /** Lets it drain. Safe to call after `kill`. */
  stop(): Promise<void>;
}

/** Starts `server` or `worker` and resolves once it printed a line that holds `word`. Rejects if it ends before that. */
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
  died.catch(() => {}); // Once it is ready, whoever ends it knows.
  const end = async (signal: "SIGKILL" | "SIGTERM"): Promise<void> => {
    child.kill(signal);
    await gone;
  };
  return { ready: await Promise.race([ready, died]), kill: () => end("SIGKILL"), stop: () => end("SIGTERM") };
}
