import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { nodeArgs } from "./node-args.js";

const EXIT_WITH_PARENT = new URL("./exit-with-parent.mjs", import.meta.url).href;

/** The options of `spawnProcess`. */
export interface SpawnProcessOptions {
  /** Arguments for the script. @default none */
  readonly args?: readonly string[];
  /** Arguments for Node. @default for a TypeScript file those of `nodeArgs`, which run it from sources, otherwise none */
  readonly nodeArgs?: readonly string[];
  /**
   * Environment variables, in addition to PATH, HOME and TMPDIR. No others are inherited, so that a test never uses a developer's
   * REDIS_URL. @default none
   */
  readonly env?: Readonly<Record<string, string>>;
}

/** How a process ended. Exactly one of `code` and `signal` is not null. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * A Node process started by a test. `await using` kills it at the end of the block. It is also killed when the test's process
 * ends in any way.
 */
export interface SpawnedProcess extends AsyncDisposable {
  readonly pid: number;
  /** Resolves when the process has ended. Never rejects. */
  readonly exited: Promise<ProcessEnd>;
  /** Returns everything that it has printed so far to stdout and stderr. */
  output(): string;
  /**
   * Resolves with the first line of stdout that matches, whether it was printed before or after the call. If the process ends
   * without such a line, or after `timeoutMs` (@default 20000), rejects with an error that contains the whole output.
   */
  line(pattern: RegExp, options?: { readonly timeoutMs?: number }): Promise<string>;
  /** Sends a signal to this process only. @default "SIGTERM" */
  kill(signal?: NodeJS.Signals): void;
  /** Sends SIGKILL and resolves when the process has ended. Safe to call twice. */
  stop(): Promise<void>;
}

/** Starts a Node script in a new process, and resolves when the process runs. Rejects if it cannot be started. */
export async function spawnProcess(script: string, options: SpawnProcessOptions = {}): Promise<SpawnedProcess> {
  const args = [
    "--import",
    EXIT_WITH_PARENT,
    ...(options.nodeArgs ?? (script.endsWith(".ts") ? nodeArgs() : [])),
    script,
    ...(options.args ?? []),
  ];
  const child = spawn(process.execPath, args, {
    env: { ...inherited(), ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  // The pipe breaks when the process ends, which is no error here.
  child.stdin.on("error", () => {});
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let printed = "";
  let end: ProcessEnd | undefined;
  const wake = (): void => {
    for (const look of waiting) look();
  };

  const killWithUs = (): void => void child.kill("SIGKILL");
  process.once("exit", killWithUs);
  const exited = new Promise<ProcessEnd>((resolve) => {
    child.once("close", (code, signal) => {
      process.off("exit", killWithUs);
      end = { code, signal };
      wake();
      resolve(end);
    });
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    printed += `${line}\n`;
    wake();
  });
  createInterface({ input: child.stderr }).on("line", (line) => {
    printed += `${line}\n`;
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${script} started without a process id`);

  return {
    pid,
    exited,
    output: () => printed,
    line: (pattern, { timeoutMs = 20_000 } = {}) =>
      new Promise((resolve, reject) => {
        const settle = (finish: () => void): void => {
          clearTimeout(timeout);
          waiting.delete(look);
          finish();
        };
        const fail = (why: string): void =>
          settle(() => reject(new Error(`${script} ${why} without a line like ${pattern}. It printed:\n${printed}`)));
        const look = (): void => {
          const found = lines.find((line) => line.search(pattern) >= 0);
          if (found !== undefined) settle(() => resolve(found));
          else if (end !== undefined) fail(`ended (${end.signal ?? `code ${end.code}`})`);
        };
        const timeout = setTimeout(() => fail(`ran for ${timeoutMs} ms`), timeoutMs);
        waiting.add(look);
        look();
      }),
    kill: (signal = "SIGTERM") => void child.kill(signal),
    stop,
    [Symbol.asyncDispose]: stop,
  };

  async function stop(): Promise<void> {
    child.kill("SIGKILL");
    await exited;
  }
}

function inherited(): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of ["PATH", "HOME", "TMPDIR"]) {
    const value = process.env[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}
