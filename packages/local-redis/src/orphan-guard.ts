import { spawn } from "node:child_process";
import type { ServerFolder } from "./server-folder.js";

// The shell reads from the pipe until this process ends, because the kernel then closes the pipe. The shell then sends
// SIGTERM to the server, waits up to five seconds for it to shut down, and removes temporary folders. It also checks the
// socket, which the server removes when it shuts down. The pid is not enough: in containers where nothing reaps orphans, a
// dead process keeps its pid.
const SCRIPT = `
read -r _
server=$1; socket=$2; shift 2
kill -TERM "$server" 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
  [ -S "$socket" ] && kill -0 "$server" 2>/dev/null || break
  sleep 0.2
done
kill -KILL "$server" 2>/dev/null
[ $# -gt 0 ] && rm -rf -- "$@"
`;

/** A guard that stops one server if this process dies. */
export interface OrphanGuard {
  /** Ends the guard. Call it when the server has ended, before another process can get its pid. */
  release(): void;
}

/**
 * Starts a guard that stops the server if this process dies without stopping it, even by SIGKILL. The guard is a small
 * shell process that reads from a pipe to this process. If both are killed at the same moment, the server keeps running.
 */
export function guardOrphan(serverPid: number, folder: ServerFolder): OrphanGuard {
  const guard = spawn(
    "/bin/sh",
    ["-c", SCRIPT, "telltale-redis-guard", String(serverPid), folder.socketPath, ...folder.temporary],
    {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    },
  );
  guard.on("error", () => {});
  guard.stdin.on("error", () => {});
  guard.unref();
  return { release: () => void guard.kill("SIGKILL") };
}
