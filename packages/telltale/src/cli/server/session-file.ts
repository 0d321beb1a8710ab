import { randomBytes } from "node:crypto";
import { chmod, link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TelltaleError } from "../../core/index.js";
import { serverName, stateFolder } from "./server-files.js";

const SESSION_PATTERN = /^anon_[A-Za-z0-9_-]{43}$/;

/**
 * The anonymous session of this user on one server, created on first use. It gives later commands access to the jobs of
 * earlier ones. The session is a secret, stored in a file that only this user can read. Each server has its own
 * session, because a server could misuse the session of another.
 */
export async function keptSession(url: string, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const folder = stateFolder(env);
  const file = join(folder, `${serverName(url)}.session`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return (await readSession(file)) ?? (await makeSession(file));
  } catch (cause) {
    if (cause instanceof TelltaleError) throw cause;
    const why = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error";
    const remedy = "Set XDG_STATE_HOME to a writable folder, or use a token.";
    throw new TelltaleError("invalid_config", `Cannot keep the session in ${folder} (${why}). ${remedy}`, { cause });
  }
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
    throw new TelltaleError("invalid_config", `${file} holds no session. Remove it to start a new one.`);
  }
  await chmod(file, 0o600);
  return session;
}

// Written to a temporary file and linked, so that two commands that start together use the same, complete session.
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
