import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** Where one server keeps its data and its socket. */
export interface ServerFolder {
  readonly dir: string;
  readonly socketPath: string;
  /** What is removed when the server stops, which is never a folder that the caller chose. */
  readonly temporary: readonly string[];
}

// The path of a unix socket may have 104 bytes on macOS and 108 on Linux, including the terminating zero. Redis
// silently truncates a longer one.
const MAX_SOCKET_PATH_BYTES = 100;

/**
 * Creates a new temporary folder, or uses `kept`. A kept folder also holds the socket, so that a server that is started
 * there again has the same address. If its path is too long for a socket, the socket gets a temporary folder.
 */
export async function prepareFolder(kept: string | undefined): Promise<ServerFolder> {
  if (kept === undefined) {
    const dir = await temporaryFolder();
    return { dir, socketPath: join(dir, "redis.sock"), temporary: [dir] };
  }
  const dir = resolve(kept);
  await mkdir(dir, { recursive: true });
  const socketPath = join(dir, "redis.sock");
  if (isShort(socketPath)) return { dir, socketPath, temporary: [] };

  const elsewhere = await temporaryFolder();
  return { dir, socketPath: join(elsewhere, "redis.sock"), temporary: [elsewhere] };
}

/** Removes the temporary folders, if they still exist. */
export async function removeFolder(folder: ServerFolder): Promise<void> {
  for (const path of folder.temporary) await rm(path, { recursive: true, force: true });
}

async function temporaryFolder(): Promise<string> {
  const base = isShort(join(tmpdir(), "telltale-XXXXXX", "redis.sock")) ? tmpdir() : "/tmp";
  return mkdtemp(join(base, "telltale-"));
}

function isShort(path: string): boolean {
  return Buffer.byteLength(path) < MAX_SOCKET_PATH_BYTES;
}
