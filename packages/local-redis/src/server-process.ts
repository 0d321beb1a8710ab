import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";
import type { RedisServerBinary } from "./redis-server-binary.js";

const LOG_LINES = 20;

/** A redis-server child process. */
export interface ServerProcess {
  readonly pid: number;
  readonly hasExited: () => boolean;
  /** Resolves when the process has ended, with a clause such as "exited with code 1". Never rejects. */
  readonly exited: Promise<string>;
  /** Returns the last lines of the server's log. */
  readonly lastLines: () => string;
  signal(signal: NodeJS.Signals): void;
  /** Keeps this process alive until the child has ended. Without this call, the child does not keep it alive. */
  hold(): void;
}

/**
 * Starts the server with a configuration, which it reads from stdin. A sentinel needs a file that it can write to, in
 * `sentinelDir`. The server runs in its own process group, so that Ctrl-C does not stop it.
 */
export async function spawnServer(
  binary: RedisServerBinary,
  config: string,
  sentinelDir: string | null = null,
): Promise<ServerProcess> {
  const file = sentinelDir === null ? null : join(sentinelDir, "sentinel.conf");
  if (file !== null) await writeFile(file, config);
  const child = spawn(binary.path, file === null ? ["-"] : [file, "--sentinel"], {
    env: { ...process.env, ...binary.env },
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  let gone = false;
  const exited = new Promise<string>((resolve) => {
    child.once("close", (code, signal) => {
      gone = true;
      resolve(signal === null ? `exited with code ${code}` : `was killed by ${signal}`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (cause) => reject(new Error(`${binary.path} could not be started`, { cause })));
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${binary.path} started without a process id`);

  // The pipes are always read, because a server blocks when the pipe of its log is full.
  let log: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      log = [...log, ...text.split("\n").filter((line) => line.trim() !== "")].slice(-LOG_LINES);
    });
    if (stream instanceof Socket) stream.unref();
  }
  child.on("error", () => {});
  // If the server exits at once, the pipe breaks. The error can be ignored, because the exit is reported.
  child.stdin.on("error", () => {});
  child.stdin.end(config);
  child.unref();

  return {
    pid,
    hasExited: () => gone,
    exited,
    lastLines: () => log.join("\n"),
    signal: (signal) => void child.kill(signal),
    hold: () => {
      child.ref();
      for (const stream of [child.stdout, child.stderr]) if (stream instanceof Socket) stream.ref();
    },
  };
}
