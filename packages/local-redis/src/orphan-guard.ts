import { spawn } from "node:child_process";
import type { ServerFolder } from "./server-folder.js";

// Reads until this process is gone, however it went, since the kernel then closes the pipe. Then the server gets a
// SIGTERM and five seconds to write its log, and what was temporary is removed. A server that shut down has removed its
// socket; its pid alone would not tell, because where nobody reaps orphans (many containers) a dead one keeps it.
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

/** Ends its watch. Call it once the server is gone, before another process can be given its pid. */
export interface OrphanGuard {
  release(): void;
}

/**
 * Ends the server when this process dies without stopping it, by SIGKILL too: a small shell beside us holds one end of a
 * pipe. What it cannot cover is its own SIGKILL in the same moment (`kill -9` of everything): then the server is left.
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
