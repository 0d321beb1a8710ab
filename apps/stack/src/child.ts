import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { z } from "zod";

/** Options of a supervised process. */
export interface ChildOptions {
  readonly name: string;
  /** The script Node runs. */
  readonly script: string;
  readonly env: NodeJS.ProcessEnv;
  /** Restarts the process when its files change, for development. */
  readonly watch?: boolean;
  /** Called with each line that it prints. */
  readonly onLine: (line: string) => void;
}

// Longer than the grace period of a worker, so that a graceful shutdown is never cut short.
const STOP_MS = 15_000;
const RESTART_MS = 500;
/** The IPC message of an application that is up. Node's `--watch` sends other messages too. */
const Announcement = z.object({ ready: z.record(z.string(), z.unknown()) });
const EXIT_WITH_PARENT = new URL("./exit-with-parent.ts", import.meta.url).href;

interface Starting {
  readonly onReady: (said: Record<string, unknown>) => void;
  readonly onEarlyExit: (how: string) => void;
}

/** One process of the stack. It is restarted when it dies, until it is stopped. */
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

  /**
   * Starts the process and resolves with the data of its IPC message when it is ready. Log lines do not serve for that,
   * because LOG_LEVEL may hide them. Rejects if the process ends before it is ready.
   */
  start(): Promise<Record<string, unknown>> {
    return new Promise((resolve, reject) => {
      this.#spawn({
        onReady: (said) => {
          this.#wasReady = true;
          resolve(said);
        },
        onEarlyExit: (how) => {
          // An application reports the reason in one line that starts with its name.
          const because = this.#lastError?.replace(/^\w+: /, "") ?? `it ended with ${how}`;
          reject(new Error(`The ${this.name} did not start: ${because}`));
        },
      });
    });
  }

  /** Calls the listener with every log record, until the returned function is called. */
  onRecord(listener: (record: Record<string, unknown>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Kills the process, like a crash. It is then restarted. */
  crash(): void {
    this.#process?.kill("SIGKILL");
  }

  /** Shuts the process down gracefully, and kills it if that takes too long. Safe to call twice. */
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

  #spawn(starting: Starting): void {
    const { script, env, watch, onLine } = this.#options;
    const args = [
      ...process.execArgv,
      "--import",
      EXIT_WITH_PARENT,
      ...(watch ? ["--watch", "--watch-preserve-output"] : []),
      script,
    ];
    // In its own process group, so that Ctrl-C reaches only the supervisor, which then stops its children in order.
    const child = spawn(process.execPath, args, { env, stdio: ["pipe", "pipe", "pipe", "ipc"], detached: true });
    this.#process = child;
    child.on("message", (message) => {
      const announced = Announcement.safeParse(message);
      if (announced.success) starting.onReady(announced.data.ready);
    });
    eachLine(child.stdout, (line) => {
      const record = parse(line);
      if (record) for (const listener of [...this.#listeners]) listener(record);
      onLine(line);
    });
    eachLine(child.stderr, (line) => {
      this.#lastError = line;
      if (this.#wasReady) onLine(line);
    });
    child.once("exit", (code, signal) => {
      if (this.#stopping) return;
      if (!this.#wasReady) {
        starting.onEarlyExit(signal ?? `code ${code}`);
        return;
      }
      onLine(`${this.name} (${child.pid}) ended with ${signal ?? `code ${code}`}, restarting it`);
      setTimeout(() => {
        if (!this.#stopping) this.#spawn(starting);
      }, RESTART_MS);
    });
  }
}

function eachLine(stream: Readable | null, take: (line: string) => void): void {
  if (stream) createInterface({ input: stream }).on("line", take);
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
