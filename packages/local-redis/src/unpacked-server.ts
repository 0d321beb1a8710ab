import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { probeServer, type RedisServerBinary, type Search } from "./redis-server-binary.js";

/** Returns the cache folder of a fetched server. Each release of the system has its own, because libraries differ. */
export async function unpackedFolder(cacheDir: string): Promise<string> {
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  const value = (key: string) => new RegExp(`^${key}="?([A-Za-z0-9._-]+)`, "m").exec(release)?.[1] ?? "unknown";
  return join(cacheDir, `${value("ID")}-${value("VERSION_ID")}-${process.arch}`);
}

/** Looks for a server that an earlier call fetched. Runs it once to check it, because files may be missing. */
export async function searchCache(cacheDir: string): Promise<Search> {
  return probeUnpacked(await unpackedFolder(cacheDir), "cache");
}

/** Finds the server and its libraries in the unpacked packages in `root`, and runs it once to check it. */
export async function probeUnpacked(root: string, source: RedisServerBinary["source"]): Promise<Search> {
  const files: readonly string[] = await readdir(root, { recursive: true }).catch(() => []);
  // Debian's redis-server is a link to redis-check-rdb, which behaves by the name it is called with. So the link must not be
  // resolved.
  const server = ["usr/bin/redis-server", "usr/bin/valkey-server"].find((path) => files.includes(path));
  if (server === undefined) return { reason: `there is no server in ${root}` };

  const libraries = new Set(files.filter((file) => /\.so(\.|$)/.test(file)).map((file) => join(root, dirname(file))));
  return probeServer({
    path: join(root, server),
    env: libraries.size > 0 ? { LD_LIBRARY_PATH: [...libraries].join(":") } : {},
    source,
  });
}
