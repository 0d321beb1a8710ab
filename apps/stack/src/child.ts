import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** What a supervised process is started with. */
export interface ChildOptions {
  readonly name: string;
  /** The script Node runs. */
  readonly script: string;
  readonly env: NodeJS.ProcessEnv;
  /** Restarts it when its files change, for development. */
  readonly watch?: boolean;
  /** Each line it prints. */
  readonly onLine: (line: string) => void;
}

// Longer than the worker's own grace, so that a drain is never cut short.
const STOP_MS = 15_000;
const RESTART_MS = 500;
const EXIT_WITH_PARENT = new URL("./exit-with-parent.js", import.meta.url).href;

/** One process of the stack: started again when it dies, until it is stopped. */
export class Child {
  readonly name: string;
  readonly #options: ChildOptions;
  #process: ChildProcess | null = null;
  #stopping = false;
  #wasReady = false;
  #lastError: string | undefined;
  readonly #listeners = new Set<(record: Record<string, unknown>) => void>();

  constructor(options: ChildOptions) {
    this.name = options.name;
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts it and resolves with the first log record whose message is `ready`. Rejects when it ends before that. */
  start(ready: string): Promise<Record<string, unknown>> {
    const record = new Promise<Record<string, unknown>>((resolve) => {
      const stop = this.onRecord((found) => {
        if (found.msg !== ready) return;
        stop();
        resolve(found);
      });
    });
    const died = new Promise<never>((_, reject) => {
      this.#spawn((how) => {
        // An application says why in one line that begins with its name.
        const because = this.#lastError?.replace(/^\w+: /, "") ?? `it ended with ${how}`;
        reject(new Error(`The ${this.name} did not start: ${because}`));
      });
    });
    return Promise.race([record, died]).then((found) => {
      this.#wasReady = true;
      return found;
    });
  }

  /** Calls back with every log record, until the returned function is called. */
  onRecord(listener: (record: Record<string, unknown>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ends it at once, as a crash would; it is started again. */
  crash(): void {
    this.#process?.kill("SIGKILL");
  }

  /** Lets it drain, and ends it when it takes too long. Safe to call twice. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const running = this.#process;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => running.kill("SIGKILL"), STOP_MS);
      running.once("exit", () => {
        clearTimeout(timer);
        resolve();
      });
      running.kill("SIGTERM");
    });
  }

  #spawn(onEarlyExit: (how: string) => void): void {
    const { script, env, watch, onLine } = this.#options;
    const args = ["--import", EXIT_WITH_PARENT, ...(watch ? ["--watch", "--watch-preserve-output"] : []), script];
    // A group of its own: Ctrl-C reaches the supervisor alone, which then drains its children in order.
    const child = spawn(process.execPath, args, { env, stdio: ["pipe", "pipe", "pipe"], detached: true });
    this.#process = child;
    createInterface({ input: child.stdout }).on("line", (line) => {
      const record = parse(line);
      if (record) for (const listener of [...this.#listeners]) listener(record);
      onLine(line);
    });
    createInterface({ input: child.stderr }).on("line", (line) => {
      this.#lastError = line;
      if (this.#wasReady) onLine(line);
    });
    child.once("exit", (code, signal) => {
      if (this.#stopping) return;
      if (!this.#wasReady) {
        onEarlyExit(signal ?? `code ${code}`);
        return;
      }
      onLine(`${this.name} (${child.pid}) ended with ${signal ?? `code ${code}`}; starting another`);
      setTimeout(() => {
        if (!this.#stopping) this.#spawn(onEarlyExit);
      }, RESTART_MS);
    });
  }
}

function parse(line: string): Record<string, unknown> | null {
  if (!line.startsWith("{")) return null;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}
