import { execFile } from "node:child_process";

/** How a command is run; it gets exactly this environment, and SIGKILL after `timeoutMs`. */
export interface CommandOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  readonly cwd?: string;
}

/** What a command came to. */
export interface CommandResult {
  readonly ok: boolean;
  readonly stdout: string;
  /** Both streams, and the reason when it could not be started: for messages, not for parsing. */
  readonly output: string;
}

/** Runs a command to its end. Never rejects: a missing program or a timeout is a result that is not ok. */
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
