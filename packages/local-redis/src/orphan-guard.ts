import { spawn } from "node:child_process";
import type { ServerFolder } from "./server-folder.js";

// Reads until this process ends in any way, because the kernel then closes the pipe. Then the server gets a SIGTERM and
// five seconds to write its log, and temporary folders are removed. A server that has shut down has removed its socket.
// Its pid alone proves nothing, because a dead process keeps its pid if nothing reaps orphans, as in many containers.
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

/** Watches over one server. */
export interface OrphanGuard {
  /** Ends the watch. Call it when the server has ended, before another process can get its pid. */
  release(): void;
}

/**
 * Ends the server if this process dies without stopping it, even by SIGKILL: a small shell process holds one end of a
 * pipe to this process. If both are killed at the same moment, the server is left running.
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
