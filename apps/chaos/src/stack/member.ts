import { type SpawnedProcess, spawnBundled } from "@telltale/testkit";
import type { Recorder } from "../history/recorder.js";
import { STRAY } from "../work.js";

/** How one process of the stack is started. */
export interface MemberOptions {
  readonly name: string;
  readonly script: string;
  readonly env: Readonly<{ [name: string]: string }>;
  readonly record: Recorder;
  /** Called with the ready line after each start. */
  readonly onReady?: (line: string) => void;
}

const READY_WITHIN_MS = 30_000;

/** One supervised process of the stack. It is restarted whenever it ends, until the stack stops. */
export class Member {
  readonly name: string;
  readonly #options: MemberOptions;
  #process: SpawnedProcess | null = null;
  #isExpected = false;
  #starts = 0;
  #isStopping = false;
  #restarting: Promise<void> = Promise.resolve();

  constructor(options: MemberOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** How often it was started. */
  get starts(): number {
    return this.#starts;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** Starts it and resolves once it is ready. */
  async start(): Promise<void> {
    const { script, env, record, onReady, name } = this.#options;
    const child = await spawnBundled(script, { env });
    this.#process = child;
    this.#isExpected = false;
    this.#restarting = child.exited.then(async ({ code, signal }) => {
      const says = `${signal ?? `code ${code}`}: ${child.output().slice(-500)}`;
      record({ type: "exit", name, pid: child.pid, isExpected: this.#isExpected || says.includes(STRAY), says });
      if (!this.#isStopping) await this.start();
    });
    // `restarted` reports a failed restart. Without a caller it must not become an unhandled rejection.
    this.#restarting.catch(() => {});
    const line = await child.line(/^ready/, { timeoutMs: READY_WITHIN_MS });
    this.#starts += 1;
    onReady?.(line);
  }

  /** Sends a signal to this process only. If the signal ends it, the exit is recorded as expected. */
  signal(signal: "SIGKILL" | "SIGTERM" | "SIGSTOP" | "SIGCONT"): void {
    if (signal === "SIGKILL" || signal === "SIGTERM") this.#isExpected = true;
    this.#process?.kill(signal);
  }

  /** Resolves when the current process has ended and the next one is ready. */
  restarted(): Promise<void> {
    return this.#restarting;
  }

  /** Kills the process and does not restart it. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#isExpected = true;
    await this.#process?.stop();
    await this.#restarting.catch(() => {});
  }
}
