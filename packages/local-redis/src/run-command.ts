import { execFile } from "node:child_process";

/** How to run a command. It only gets these environment variables, and SIGKILL after `timeoutMs`. */
export interface CommandOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  readonly cwd?: string;
}

/** The result of a command. */
export interface CommandResult {
  readonly ok: boolean;
  readonly stdout: string;
  /** stdout and stderr, or the message of the error if the command printed nothing. For messages, not for parsing. */
  readonly output: string;
}

/** Runs a command and waits for its end. Never rejects: if it fails, is missing or times out, `ok` is false. */
export function runCommand(file: string, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const { timeoutMs, ...rest } = options;
  return new Promise((resolve) => {
    const settings = { ...rest, timeout: timeoutMs, killSignal: "SIGKILL", maxBuffer: 32 * 1024 * 1024 } as const;
    execFile(file, args, settings, (error, stdout, stderr) => {
      const printed = stdout + stderr;
      resolve({
        ok: error === null,
        stdout,
        output: printed.trim() === "" && error !== null ? error.message : printed,
      });
    });
  });
}
