import { randomBytes } from "node:crypto";
import { chmod, link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { TelltaleError } from "../core/index.js";

const SESSION_PATTERN = /^anon_[A-Za-z0-9_-]{43}$/;
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * The anonymous session under which this user is known to one server, made at its first use: a secret in a file only they
 * can read, so that jobs of one command are found by the next. Each server has its own: one could use another's.
 */
export async function keptSession(url: string, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const folder = join(stateFolder(env), "telltale", "sessions");
  const file = join(folder, `${serverName(url)}.session`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return (await readSession(file)) ?? (await makeSession(file));
  } catch (cause) {
    if (cause instanceof TelltaleError) throw cause;
    const why = cause instanceof Error && "code" in cause ? String(cause.code) : "it failed";
    throw new TelltaleError("invalid_config", `The session cannot be kept in ${folder} (${why})`, { cause });
  }
}

function stateFolder({ XDG_STATE_HOME, HOME }: NodeJS.ProcessEnv): string {
  // A relative one is to be ignored, says the XDG specification.
  if (XDG_STATE_HOME && isAbsolute(XDG_STATE_HOME)) return XDG_STATE_HOME;
  return join(HOME || homedir(), ".local", "state");
}

// All names of this machine are one server; the scheme counts, for what went in the clear is not sent to the other.
function serverName(url: string): string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch (cause) {
    throw new TelltaleError("invalid_config", "--url is not an http address", { cause });
  }
  const { protocol, hostname, port } = parsed;
  const isSecure = protocol === "https:" || protocol === "wss:";
  const host = LOOPBACK.test(hostname) ? "loopback" : hostname;
  return encodeURIComponent(`${isSecure ? "https" : "http"}-${host}-${port || (isSecure ? 443 : 80)}`);
}

async function readSession(file: string): Promise<string | null> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  const session = text.trim();
  if (!SESSION_PATTERN.test(session)) {
    throw new TelltaleError("invalid_config", `${file} holds no session: remove it to begin a new one`);
  }
  await chmod(file, 0o600);
  return session;
}

// Written aside and linked: of two commands that start together both get the one that was there first, and whole.
async function makeSession(file: string): Promise<string> {
  const session = `anon_${randomBytes(32).toString("base64url")}`;
  const aside = `${file}.${randomBytes(8).toString("hex")}`;
  await writeFile(aside, `${session}\n`, { mode: 0o600, flag: "wx" });
  try {
    await link(aside, file);
    return session;
  } catch (error) {
    const kept = await readSession(file);
    if (kept === null) throw error;
    return kept;
  } finally {
    await rm(aside, { force: true });
  }
}
