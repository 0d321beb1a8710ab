import { execFile } from "node:child_process";

/** How a command is run. It gets exactly this environment, and SIGKILL after `timeoutMs`. */
export interface CommandOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  readonly cwd?: string;
}

/** The result of a command. */
export interface CommandResult {
  readonly ok: boolean;
  readonly stdout: string;
  /** stdout and stderr, or the error if it printed nothing. For messages, not for parsing. */
  readonly output: string;
}

/** Runs a command to its end. Never rejects: after a missing program or a timeout, `ok` is false. */
export function runCommand(file: string, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const { timeoutMs, ...rest } = options;
  return new Promise((resolve) => {
    const settings = { ...rest, timeout: timeoutMs, killSignal: "SIGKILL", maxBuffer: 32 * 1024 * 1024 } as const;
    execFile(file, args, settings, (error, stdout, stderr) => {
      const said = stdout + stderr;
      resolve({ ok: error === null, stdout, output: said.trim() === "" && error !== null ? error.message : said });
    });
  });
}
