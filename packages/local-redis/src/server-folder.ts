import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** The folder of one server's data and the path of its socket. */
export interface ServerFolder {
  readonly dir: string;
  readonly socketPath: string;
  /** Folders to remove when the server stops. Never contains a folder that the caller chose. */
  readonly temporary: readonly string[];
}

// The path of a unix socket can have up to 104 bytes on macOS and 108 on Linux, including the terminating zero. Redis
// silently truncates longer paths.
const MAX_SOCKET_PATH_BYTES = 100;

/**
 * Creates a temporary folder, or uses the folder `kept`. The socket is in the same folder, so that a server that is started
 * again in a kept folder has the same address. If the path is too long for a socket, the socket gets a temporary folder.
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
