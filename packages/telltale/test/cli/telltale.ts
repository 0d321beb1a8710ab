import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";

/** The bundle that `npm run telltale` starts. Starting from the sources takes five times as long. */
export const CLI = fileURLToPath(new URL("../../src/cli/main.generated.mjs", import.meta.url));

/** Options for starting the command. */
export interface Start {
  readonly url: string;
  /** The folder of its sessions. */
  readonly home: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The exit code and the output of the command. */
export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A running command. */
export interface Running {
  readonly ended: Promise<Ran>;
  /** Resolves when this text was written to stdout. */
  shows(pattern: RegExp): Promise<void>;
  /** The output on stdout so far. */
  shown(): string;
  /** Closes both its pipes, as `head` does when it has read enough. */
  stopReading(): void;
  /** Sends key presses; `\u0003` is Ctrl-C. Only for a command in a terminal. */
  type(keys: string): void;
  /** Sends a signal only to the command. */
  kill(signal: NodeJS.Signals): void;
}

/** Runs the command with pipes, like a script, and resolves when it has ended. */
export function telltale(start: Start, ...args: readonly string[]): Promise<Ran> {
  return startPiped(start, args).ended;
}

/** Starts the command with pipes. */
export function startPiped(start: Start, args: readonly string[]): Running {
  return running(spawn(process.execPath, [CLI, ...args], { env: environment(start) }));
}

/** Starts the command in a pseudo-terminal of 80 columns, which `script` (util-linux) opens for it. */
export function startInTerminal(start: Start, args: readonly string[]): Running {
  const quoted = [process.execPath, CLI, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  const shell = `stty cols 80 rows 24; exec ${quoted}`;
  return running(spawn("script", ["-qfec", shell, "/dev/null"], { env: environment(start) }));
}

function environment({ url, home, env }: Start): NodeJS.ProcessEnv {
  const { PATH = "" } = process.env;
  return { PATH, HOME: home, TERM: "xterm-256color", SHELL: "/bin/sh", TELLTALE_URL: url, ...env };
}

function running(child: ChildProcessWithoutNullStreams): Running {
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    err += text;
  });
  const killWithUs = (): void => void child.kill("SIGKILL");
  process.once("exit", killWithUs);
  const ended = new Promise<Ran>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      process.off("exit", killWithUs);
      resolve({ code, out, err });
    });
  });
  return {
    ended,
    shows: (pattern) => expect.poll(() => out, { timeout: 15_000, interval: 20 }).toMatch(pattern),
    shown: () => out,
    stopReading() {
      child.stdout.destroy();
      child.stderr.destroy();
    },
    type: (keys) => void child.stdin.write(keys),
    kill: (signal) => void child.kill(signal),
  };
}
