import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { probeServer, type Search } from "./redis-server-binary.js";

/** Returns the full path of a program on the PATH of `env`, or undefined if it is missing or not executable. */
export async function findProgram(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of (env.PATH ?? "").split(delimiter)) {
    if (folder === "") continue;
    const path = join(folder, name);
    const isProgram = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isProgram) return path;
  }
  return undefined;
}

/** Looks for redis-server, then valkey-server, on the PATH. Skips a program that is broken or too old. */
export async function searchPath(env: NodeJS.ProcessEnv): Promise<Search> {
  const reasons: string[] = [];
  for (const name of ["redis-server", "valkey-server"]) {
    const path = await findProgram(name, env);
    if (path === undefined) continue;
    const search = await probeServer({ path, env: {}, source: "path" });
    if ("found" in search) return search;
    reasons.push(search.reason);
  }
  return { reason: reasons.length > 0 ? reasons.join("; ") : "neither redis-server nor valkey-server is on the PATH" };
}
