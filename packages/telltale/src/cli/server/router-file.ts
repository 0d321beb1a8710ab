import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { endpointName, stateFolder } from "./server-files.js";

const ROUTER_PATTERN = /^[\w$-]+(\.[\w$-]+)*$/;

/** Whether this can be the name of a router: `jobs`, or `api.jobs` for a nested one. */
export function isRouterName(text: string): boolean {
  return text.length <= 200 && ROUTER_PATTERN.test(text);
}

/** The router name with which an earlier command reached this server, or null. */
export async function rememberedRouter(url: string, env: NodeJS.ProcessEnv = process.env): Promise<string | null> {
  const file = routerFile(url, env);
  try {
    const name = (await readFile(file, "utf8")).trim();
    return isRouterName(name) ? name : null;
  } catch {
    // Nothing is remembered, or not readable; --router still works.
    return null;
  }
}

/** Remembers the router name for later commands, or with null that the router is at the root. Rejects where nothing can be written. */
export async function rememberRouter(
  url: string,
  router: string | null,
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const file = routerFile(url, env);
  if (router === null) {
    await rm(file, { force: true });
    return;
  }
  await mkdir(stateFolder(env), { recursive: true, mode: 0o700 });
  // Renamed into place, so that a command that starts now reads a whole name.
  const aside = `${file}.${randomBytes(8).toString("hex")}`;
  await writeFile(aside, `${router}\n`, { mode: 0o600, flag: "wx" });
  await rename(aside, file);
}

function routerFile(url: string, env: NodeJS.ProcessEnv): string {
  return join(stateFolder(env), `${endpointName(url)}.router`);
}
