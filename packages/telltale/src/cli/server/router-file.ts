import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { endpointName, stateFolder } from "./server-files.js";

const ROUTER_PATTERN = /^[\w$-]+(\.[\w$-]+)*$/;

/** Whether the text is a valid router name, such as `jobs`, or `api.jobs` for a nested router. */
export function isRouterName(text: string): boolean {
  return text.length <= 200 && ROUTER_PATTERN.test(text);
}

/** The router name that an earlier command used for this server, or null. */
export async function rememberedRouter(url: string, env: NodeJS.ProcessEnv = process.env): Promise<string | null> {
  const file = routerFile(url, env);
  try {
    const name = (await readFile(file, "utf8")).trim();
    return isRouterName(name) ? name : null;
  } catch {
    // The file does not exist or cannot be read. --router still works.
    return null;
  }
}

/** Remembers the router name for later commands; null means the root. Rejects if the file cannot be written. */
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
  // Written to a temporary file and renamed, so that other commands never read a partial name.
  const aside = `${file}.${randomBytes(8).toString("hex")}`;
  await writeFile(aside, `${router}\n`, { mode: 0o600, flag: "wx" });
  await rename(aside, file);
}

function routerFile(url: string, env: NodeJS.ProcessEnv): string {
  return join(stateFolder(env), `${endpointName(url)}.router`);
}
